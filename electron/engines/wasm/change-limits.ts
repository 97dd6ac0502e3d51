import { AppError } from '../../../shared/model/error.ts';
import { type Limits, limitWords } from '../../../shared/model/limits.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { checkMemory } from './least-memory.ts';
import { runtimeOf } from './runtimes.ts';

/** Programs that start from then on have them: what runs has its limits built into its module. */
export async function changeLimits(sandbox: LocalSandbox, limits: Limits): Promise<void> {
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    if (limits[name] === undefined || name === 'memoryBytes' || name === 'fuel') continue;
    throw new AppError('unsupported', `A WebAssembly sandbox has no limit on ${limitWords[name]}.`, {
      details: { field: `limits.${name}` },
    });
  }
  checkMemory(runtimeOf(sandbox), limits.memoryBytes);
}
