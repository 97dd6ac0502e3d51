import { isAppError } from '../../../shared/model/error.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import type { EngineRef } from '../../engines/engine.ts';
import type { Log } from '../../lib/log.ts';
import type { Engines } from '../engines/engines.ts';
import type { Exceeds } from './budgets.ts';

/** What a sandbox may use too much, for each core. */
export const LOOK_MS = 500;

interface Account {
  readonly kind: EngineKind;
  readonly ref: EngineRef;
  readonly mostNs: number;
  readonly used: () => void;
}

/** Reads the engines' counters of all that have such a limit, in one go an engine. No timer runs without any. */
export function createCpuClock(engines: Engines, log: Log): Exceeds {
  const accounts = new Set<Account>();
  const busy = new Set<EngineKind>();
  let timer: NodeJS.Timeout | undefined;

  const look = () => {
    for (const [kind, some] of Map.groupBy(accounts, (account) => account.kind)) {
      if (busy.has(kind)) continue;
      busy.add(kind);
      void lookAt(kind, some).finally(() => busy.delete(kind));
    }
  };

  async function lookAt(kind: EngineKind, some: readonly Account[]): Promise<void> {
    try {
      const counters = await engines.available(kind).engine.sample(some.map(({ ref }) => ref));
      for (const { ref, mostNs, used } of some) if ((counters.get(ref)?.cpuNs ?? 0) > mostNs) used();
    } catch (error) {
      if (!isAppError(error, 'engine_unavailable')) log.warn({ err: error, engine: kind }, 'could not read CPU time');
    }
  }

  return ({ sandbox, ref, most, signal }) =>
    new Promise((resolve) => {
      const done = () => {
        accounts.delete(account);
        signal.removeEventListener('abort', done);
        if (accounts.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
        resolve();
      };
      const account: Account = { kind: sandbox.engine, ref, mostNs: most * 1e6, used: done };
      accounts.add(account);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
      else timer ??= setInterval(look, LOOK_MS);
    });
}
