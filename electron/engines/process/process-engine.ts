import { pino } from 'pino';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import type { ProcMark, ProcTable } from '../../lib/proc.ts';
import { createDarwinProcTable } from '../../lib/proc-darwin.ts';
import { createLinuxProcTable } from '../../lib/proc-linux.ts';
import type { Engine } from '../engine.ts';
import { inAppErrors } from './errors.ts';
import { createLinuxLauncher, createPlainLauncher } from './launcher.ts';
import { createLifecycle } from './lifecycle.ts';
import { readLogs } from './logs.ts';
import { isLive, toObject } from './manifest.ts';
import { capabilities, probe } from './probe.ts';
import { createPrograms } from './programs.ts';
import { createPulse } from './pulse.ts';
import { createRegistry, manifestMark } from './registry.ts';
import { createSampler } from './sampler.ts';

/**
 * Sandboxes that are plain processes of this machine: a workspace folder, programs in sessions of
 * their own, an environment built from a whitelist, and resource limits. Not isolated from the
 * machine, and says so.
 *
 * `home` is the state folder; a sandbox lives in `<home>/sandboxes/<id>`, and its ref is its id.
 * All that must outlive the host is in that folder (`process.json`, the logs, the exit code) or on
 * the processes themselves (the mark, see `createLinuxProcTable`).
 */
export function createProcessEngine(options: {
  readonly owner: string;
  readonly home: string;
  readonly platform?: NodeJS.Platform;
  readonly log?: Log;
}): Engine {
  const { owner, home, platform = process.platform, log = pino({ enabled: false }) } = options;
  const table: ProcTable = platform === 'darwin' ? createDarwinProcTable() : createLinuxProcTable();
  const launcher = platform === 'darwin' ? createPlainLauncher() : createLinuxLauncher(table);
  const registry = createRegistry({ owner, home, table, log });
  const sampler = createSampler(table);
  const lifecycle = createLifecycle({
    owner,
    home,
    registry,
    launcher,
    table,
    offer: { capabilities: capabilities(platform), runtimes: [] },
  });
  const programs = createPrograms({ registry, launcher, table });
  const pulse = createPulse(registry);

  return {
    kind: 'process',
    probe: () => probe(platform),
    list: guard(async () => (await registry.list()).map(toObject)),
    inspect: guard(async (ref) => toObject(await registry.load(ref))),
    inspectRaw: guard(registry.load),
    watch: pulse.watch,

    create: guard(async (request, task) => toObject(await lifecycle.create(request, task))),
    start: guard(async (ref) => {
      const manifest = await lifecycle.start(ref);
      pulse.hurry();
      return toObject(manifest);
    }),
    stop: guard(async (ref, graceMs) => toObject(await lifecycle.stop(ref, graceMs))),
    pause: guard(async (ref) => toObject(await lifecycle.pause(ref))),
    resume: guard(async (ref) => toObject(await lifecycle.resume(ref))),
    updateLimits: guard(async (ref) => {
      await registry.load(ref);
      throw new AppError('unsupported', 'The limits of a process sandbox are set when a program starts.', {
        hint: 'Rebuild the sandbox with the new limits.',
      });
    }),
    destroy: guard(async (ref) => {
      await lifecycle.destroy(ref);
      sampler.forget(ref);
    }),

    exec: guard(programs.exec),
    openConsole: guard(programs.openConsole),
    sample: guard(async (refs) => {
      const manifests = await Promise.all(refs.map(registry.find));
      const targets = new Map<string, ProcMark>();
      for (const manifest of manifests) {
        if (manifest && isLive(manifest)) targets.set(manifest.id, manifestMark(manifest));
      }
      return sampler.sample(targets);
    }),
    async *logs(ref, logOptions) {
      await registry.load(ref);
      const isOver = async () => {
        const manifest = await registry.load(ref).catch((error: unknown) => {
          if (isAppError(error, 'not_found')) return null; // destroyed meanwhile
          throw error;
        });
        return !manifest?.main || !isLive(manifest);
      };
      yield* readLogs(registry.paths(ref), logOptions, isOver);
    },
    dispose: async () => pulse.dispose(),
  };
}

/** What the system refuses leaves the engine as an AppError. */
function guard<A extends readonly unknown[], T>(work: (...args: A) => Promise<T>) {
  return (...args: A): Promise<T> => inAppErrors(() => work(...args));
}
