import { AppError } from '../../../shared/model/error.ts';
import type { EngineRef } from '../engine.ts';
import type { LocalSandbox } from './launcher.ts';

/** Sees to it that the packages of one sandbox are changed by one thing at a time. */
export interface PackageLock {
  /** Throws `conflict` while they are being changed. */
  readonly requireIdle: (ref: EngineRef) => void;
  readonly run: <T>(ref: EngineRef, work: (sandbox: LocalSandbox) => Promise<T>) => Promise<T>;
}

/** A second change is refused and not queued: what it would do depends on how the first one ends. */
export function createPackageLock(sandboxOf: (ref: EngineRef) => Promise<LocalSandbox>): PackageLock {
  const busy = new Set<EngineRef>();
  const requireIdle = (ref: EngineRef) => {
    if (!busy.has(ref)) return;
    throw new AppError('conflict', "The sandbox's packages are being changed.", { hint: 'Wait for it, or cancel it.' });
  };
  return {
    requireIdle,
    async run(ref, work) {
      requireIdle(ref);
      busy.add(ref);
      try {
        return await work(await sandboxOf(ref));
      } finally {
        busy.delete(ref);
      }
    },
  };
}
