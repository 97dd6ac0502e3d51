import { AppError } from '../../../shared/model/error.ts';
import type { RuntimeName } from './job.ts';

const MIB = 1024 * 1024;
/** What an interpreter takes before it has done anything. */
const least: Readonly<Record<RuntimeName, number>> = { wasi: 0, quickjs: 8 * MIB, python: 48 * MIB };

/** Throws `invalid_input` for a limit that is too small for the runtime to begin. */
export function checkMemory(runtime: RuntimeName, memoryBytes: number | undefined): void {
  if (memoryBytes === undefined || memoryBytes >= least[runtime]) return;
  throw new AppError('invalid_input', `This runtime needs at least ${least[runtime] / MIB} MiB of memory.`, {
    hint: 'Raise the limit of memory.',
    details: { field: 'limits.memoryBytes' },
  });
}
