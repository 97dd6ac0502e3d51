import { pino } from 'pino';
import type { EngineOffer } from '../../../shared/model/engine.ts';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { Counters } from '../../../shared/model/sample.ts';
import type { Log } from '../../lib/log.ts';
import type { ProcMark, ProcScan } from '../../lib/proc.ts';
import type { Engine, EngineRef } from '../engine.ts';
import { hostLimitNames } from '../host-limits.ts';
import { inAppErrors } from './errors.ts';
import { createPrepareLaunch } from './launch-preparation.ts';
import { type Launcher, type LocalSandbox, withoutLimits } from './launcher.ts';
import { createLifecycle } from './lifecycle.ts';
import { canFiles, createLocalFiles } from './local-files.ts';
import { readLogs } from './logs.ts';
import { isLive, type LocalKind, toObject } from './manifest.ts';
import { processesOf } from './marker.ts';
import { followOutputBytes } from './output-bytes.ts';
import { createPrograms } from './programs.ts';
import { createPulse } from './pulse.ts';
import { createRegistry, manifestMark } from './registry.ts';
import { createSampler } from './sampler.ts';
import { createStandbyPool } from './standby.ts';

export interface LocalEngine extends Engine {
  /** For what one kind adds. Throws `not_found`. */
  readonly sandboxOf: (ref: EngineRef) => Promise<LocalSandbox>;
  /** Nothing of it runs meanwhile, nor is started. Throws `conflict` when it runs or is paused. */
  readonly whileStopped: <T>(ref: EngineRef, work: (sandbox: LocalSandbox) => Promise<T>) => Promise<T>;
}

/**
 * Sandboxes whose programs are processes of this machine: a workspace folder, programs in sessions of
 * their own, an environment built from a whitelist, and resource limits. How a program is started, and
 * so what it can reach, is the launcher's.
 *
 * `home` is the state folder; a sandbox lives in `<home>/sandboxes/<id>`, and its ref is its id.
 * All that must outlive the host is in that folder (`<kind>.json`, the logs, the exit code) or on
 * the processes themselves (the mark, see `createLinuxProcTable`).
 */
export function createLocalEngine(options: {
  readonly kind: LocalKind;
  readonly owner: string;
  readonly home: string;
  readonly probe: Engine['probe'];
  /** What specs may ask for, now. */
  readonly offer: () => EngineOffer | Promise<EngineOffer>;
  readonly launcher?: Launcher;
  readonly platform?: NodeJS.Platform;
  readonly log?: Log;
}): LocalEngine {
  const { kind, owner, home, probe, offer, launcher = {} } = options;
  const { platform = process.platform, log = pino({ enabled: false }) } = options;
  const { table, marker } = processesOf(platform);
  const registry = createRegistry({ owner, kind, home, launcher, table, log });
  const prepare = createPrepareLaunch({ launcher, marker });
  const sampler = createSampler(table);
  const lifecycle = createLifecycle({ owner, home, registry, launcher, marker, prepare, table, offer, log });
  const standbys = createStandbyPool({ registry, launcher, marker, table, log });
  const programs = createPrograms({ registry, launcher, prepare, table, standbys });
  const pulse = createPulse(registry, log);

  const isOver = async (ref: EngineRef) => {
    const manifest = await registry.load(ref).catch((error: unknown) => {
      if (isAppError(error, 'not_found')) return null; // destroyed meanwhile
      throw error;
    });
    return !manifest?.main || !isLive(manifest);
  };

  const sandboxOf = guard(async (ref: EngineRef) => registry.sandbox(await registry.load(ref)));
  const whileStopped: LocalEngine['whileStopped'] = (ref, work) =>
    registry.locked(ref, async () => {
      const manifest = await registry.settle(ref);
      if (isLive(manifest)) {
        throw new AppError('conflict', `The sandbox is ${manifest.state}.`, { hint: 'Stop it first.' });
      }
      // What a dead host may have left.
      await registry.kill(manifest);
      return await work(registry.sandbox(manifest));
    });

  return {
    kind,
    refIsId: true,
    probe,
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
    updateLimits: guard((ref, limits) =>
      registry.locked(ref, async () => {
        const manifest = await registry.settle(ref);
        // The host goes by what is on record. Nothing else has to know of what it holds itself.
        const others = withoutLimits(limits, hostLimitNames);
        const needsLauncher = Object.values(others).some((limit) => limit !== undefined);
        if (needsLauncher && !launcher.updateLimits) {
          throw new AppError('unsupported', `The limits of a ${kind} sandbox are set when a program starts.`, {
            hint: 'Rebuild the sandbox with the new limits.',
          });
        }
        if (needsLauncher) {
          await launcher.updateLimits?.(registry.sandbox(manifest), others);
          // What stands by was started with the limits of before.
          await standbys.take(registry.sandbox(manifest))?.discard();
        }
        const { spec } = manifest;
        await registry.save({ ...manifest, spec: { ...spec, limits: { ...spec.limits, ...limits } } });
      }),
    ),
    destroy: guard(async (ref) => {
      await lifecycle.destroy(ref);
      sampler.forget(ref);
    }),

    exec: guard(programs.exec),
    openConsole: guard(programs.openConsole),
    sample: guard(async (refs) => {
      const found = await Promise.all(refs.map(registry.find));
      const live = found.filter((manifest) => manifest !== null).filter(isLive);
      const counted = new Map<string, Counters>();
      const targets = new Map<string, ProcMark>();
      let seen: ProcScan | undefined;
      const scan = () => {
        seen ??= table.scan();
        return seen;
      };
      for (const manifest of live) {
        const counters = (await launcher.sample?.(registry.sandbox(manifest), scan)) ?? null;
        if (counters) counted.set(manifest.id, counters);
        else targets.set(manifest.id, manifestMark(manifest));
      }
      if (targets.size > 0) for (const [ref, counters] of sampler.sample(targets)) counted.set(ref, counters);
      if (!launcher.sampleOwn) return counted;
      for (const manifest of live) {
        const counters = counted.get(manifest.id);
        const own = await launcher.sampleOwn(registry.sandbox(manifest), scan);
        if (counters) counted.set(manifest.id, { ...counters, ...own });
      }
      return counted;
    }),
    async *logs(ref, logOptions) {
      await registry.load(ref);
      yield* readLogs(registry.paths(ref), logOptions, () => isOver(ref));
    },
    async *outputBytes(ref, signal) {
      await registry.load(ref);
      yield* followOutputBytes(registry.paths(ref), signal, () => isOver(ref));
    },
    ...(canFiles(platform) ? { files: createLocalFiles({ sandboxOf, launcher, whileStopped }) } : {}),
    sandboxOf,
    whileStopped,
    async dispose() {
      pulse.dispose();
      await standbys.dispose();
    },
  };
}

/** What the system refuses leaves the engine as an AppError. */
function guard<A extends readonly unknown[], T>(work: (...args: A) => Promise<T>) {
  return (...args: A): Promise<T> => inAppErrors(() => work(...args));
}
