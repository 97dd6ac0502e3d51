import type { EngineDefaults } from '../../../shared/model/config.ts';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import type { Engine, EngineChange, EngineObject } from '../../engines/engine.ts';
import type { Log } from '../../lib/log.ts';
import { createPullStream, type PullStream } from '../../lib/pull-stream.ts';
import { sleep } from '../../lib/sleep.ts';
import { createTopic } from '../../lib/topic.ts';
import type { Events } from '../events.ts';
import type { SettingsService } from '../settings/settings.ts';

/** What the sandboxes service wants to know of every engine. Called in order, one at a time an engine. */
export interface EngineListener {
  /** Everything the engine has, after a connection was made (again). */
  readonly onList: (kind: EngineKind, objects: readonly EngineObject[]) => Promise<void>;
  readonly onChange: (kind: EngineKind, change: EngineChange) => Promise<void>;
}

export interface Engines {
  /** The engine, ready for work; throws `engine_unavailable` with the reason and `not_found` for one that is not built in. */
  readonly available: (kind: EngineKind) => { readonly engine: Engine; readonly report: EngineReport };
  /** The engine, whether it works here or not; undefined for one that is not built in. */
  readonly find: (kind: EngineKind) => Engine | undefined;
  /** Resolves when the engine was looked at for the first time, so that a call right after the start need not fail. */
  readonly ready: (kind: EngineKind) => Promise<void>;
  readonly reports: () => Promise<readonly EngineReport[]>;
  readonly probe: (kind: EngineKind) => Promise<EngineReport>;
  readonly watch: () => PullStream<readonly EngineReport[]>;
  /** Connects to every engine and keeps connected until `stop`. */
  readonly supervise: (listener: EngineListener) => void;
  readonly stop: () => Promise<void>;
}

/** Waits between two tries, in milliseconds: a daemon that comes back must be seen within 2 s. */
const RETRY_UNREACHABLE_MS = 500;
const RETRY_MISSING_MS = 5000;

export function createEngines(
  all: readonly Engine[],
  events: Events,
  settings: Pick<SettingsService, 'get' | 'onChange'>,
  log: Log,
): Engines {
  const engines = new Map(all.map((engine) => [engine.kind, engine]));
  const reports = new Map<EngineKind, EngineReport>();
  const changed = createTopic<void>();
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  const firstProbes = new Map(all.map((engine) => [engine.kind, Promise.withResolvers<void>()]));
  const list = () => all.flatMap((engine) => reports.get(engine.kind) ?? []).map(withConfigured);
  const unsubscribe = settings.onChange(changed.publish);

  /** What the engine has found, and what the user has configured for it. */
  function withConfigured(report: EngineReport): EngineReport {
    const configured = (settings.get().engines as Readonly<Partial<Record<EngineKind, EngineDefaults>>>)[report.kind];
    return configured ? { ...report, configured } : report;
  }

  function builtIn(kind: EngineKind): Engine {
    const engine = engines.get(kind);
    if (!engine) throw new AppError('not_found', `This Terrarium has no engine "${kind}"`);
    return engine;
  }

  function keep(report: EngineReport): void {
    const before = reports.get(report.kind);
    reports.set(report.kind, report);
    firstProbes.get(report.kind)?.resolve();
    if (before && before.status !== report.status) announce(before, report);
    if (JSON.stringify(before) !== JSON.stringify(report)) changed.publish();
  }

  function announce(before: EngineReport, report: EngineReport): void {
    if (report.status === 'available') {
      events.record('engine_available', `${report.kind} answers again`, { engine: report.kind });
    } else if (before.status === 'available') {
      events.record('engine_unreachable', `${report.kind}: ${report.reason ?? report.status}`, { engine: report.kind });
    }
  }

  async function probe(kind: EngineKind): Promise<EngineReport> {
    const report = await builtIn(kind).probe();
    keep(report);
    return withConfigured(report);
  }

  async function superviseOne(engine: Engine, listener: EngineListener): Promise<void> {
    while (!stopping.signal.aborted) {
      const report = await probe(engine.kind);
      if (report.status !== 'available') {
        await sleep(report.status === 'unreachable' ? RETRY_UNREACHABLE_MS : RETRY_MISSING_MS, stopping.signal);
        continue;
      }
      try {
        await follow(engine, listener);
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn({ err: error, engine: engine.kind }, 'lost the connection to an engine');
        await sleep(RETRY_UNREACHABLE_MS / 2, stopping.signal);
      }
    }
  }

  /** Lists and then follows an engine until its connection breaks. */
  async function follow(engine: Engine, listener: EngineListener): Promise<void> {
    const connection = new AbortController();
    const signal = AbortSignal.any([connection.signal, stopping.signal]);
    let relist: Promise<void> = Promise.resolve();
    const onReady = () => {
      relist = engine.list().then((objects) => listener.onList(engine.kind, objects));
      // A list that fails means that the engine is gone again: end the watch and start over.
      relist.catch(() => connection.abort());
    };
    try {
      for await (const change of engine.watch(signal, onReady)) {
        await relist;
        await listener.onChange(engine.kind, change);
      }
    } finally {
      await relist;
    }
  }

  return {
    available(kind) {
      const engine = builtIn(kind);
      const report = reports.get(kind);
      if (report?.status !== 'available') {
        throw new AppError('engine_unavailable', report?.reason ?? `${kind} is still being looked for`, {
          hint: report?.hint ?? undefined,
          details: { engine: kind },
        });
      }
      return { engine, report: withConfigured(report) };
    },
    find: (kind) => engines.get(kind),
    ready: async (kind) => firstProbes.get(kind)?.promise,
    async reports() {
      await Promise.all(firstProbes.values().map(({ promise }) => promise));
      return list();
    },
    probe,
    watch() {
      let due = true;
      const take = () => {
        if (!due || reports.size < all.length) return undefined;
        due = false;
        return list();
      };
      const leave = changed.subscribe(() => {
        due = true;
        stream.wake();
      });
      const stream = createPullStream<readonly EngineReport[]>(take, leave);
      return stream;
    },
    supervise(listener) {
      for (const engine of all) running.push(superviseOne(engine, listener));
    },
    async stop() {
      stopping.abort();
      unsubscribe();
      await Promise.all(running);
      await Promise.all(all.map((engine) => engine.dispose()));
    },
  };
}
