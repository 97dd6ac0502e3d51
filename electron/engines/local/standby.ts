import type { Writable } from 'node:stream';
import { feedInput, type Input } from '../../lib/feed-input.ts';
import type { Log } from '../../lib/log.ts';
import { killTree, type ProcMark, type ProcTable, untilMarked } from '../../lib/proc.ts';
import { type StartedExec, startExec } from './exec.ts';
import type { Launcher, LocalSandbox, Standby } from './launcher.ts';
import { type Marker, nextPart } from './marker.ts';
import { recordProgram } from './program-records.ts';
import { manifestMark, type Registry } from './registry.ts';

/** How many processes of all sandboxes stand by, and how long without a command. */
const MOST = 3;
const IDLE_MS = 120_000;

/** One that waits to be told what it is. */
export interface ReadyProgram {
  readonly mark: ProcMark & { readonly part: number };
  readonly started: StartedExec;
  readonly order: Standby['order'];
  /** Tells it, and gives it its input. */
  readonly begin: (order: Uint8Array, stdin: Input | undefined) => void;
  /** Ends it instead. */
  readonly discard: () => Promise<void>;
  /** Call after its end. */
  readonly forget: () => Promise<void>;
}

export interface StandbyPool {
  /** Takes the one that this sandbox has, if it is of this start. Call in the sandbox's lock. */
  readonly take: (sandbox: LocalSandbox) => ReadyProgram | null;
  /** Sees to it, in the background, that a running sandbox has one. */
  readonly refill: (ref: string) => void;
  /** Ends all of them. */
  readonly dispose: () => Promise<void>;
}

/** Keeps processes ready for sandboxes that are in use. They carry their sandbox's mark: what ends it ends them too. */
export function createStandbyPool(options: {
  readonly registry: Registry;
  readonly launcher: Launcher;
  readonly marker: Marker;
  readonly table: ProcTable;
  readonly log: Log;
}): StandbyPool {
  const { registry, launcher, marker, table, log } = options;
  const waiting = new Map<string, ReadyProgram & { readonly timer: NodeJS.Timeout }>();
  const making = new Map<string, Promise<void>>();
  let disposed = false;

  /** Nobody waits for it. What cannot be ended carries the sandbox's mark: its stop finds and tells of it. */
  const discardQuietly = ({ discard }: Pick<ReadyProgram, 'discard'>) =>
    void discard().catch((error: unknown) => log.warn({ error }, 'a process that stood by could not be ended'));

  const remove = (ref: string): ReadyProgram | null => {
    const found = waiting.get(ref);
    if (!found) return null;
    clearTimeout(found.timer);
    waiting.delete(ref);
    return found;
  };

  const make = (ref: string) =>
    registry.locked(ref, async () => {
      const manifest = await registry.find(ref);
      if (disposed || manifest?.state !== 'running' || waiting.has(ref) || !launcher.standby) return;
      const sandbox = registry.sandbox(manifest);
      const part = nextPart();
      const mark = { ...manifestMark(manifest), part };
      const { launch, order } = await launcher.standby(sandbox, mark);
      const prefix = await marker.prefix(
        mark,
        launcher.rlimits?.(manifest.spec.limits, sandbox) ?? manifest.spec.limits,
      );
      const forget = await recordProgram(registry.paths(ref).programs, table, { mark: manifest.mark, part });
      const kill = async (pid: number) => {
        await launcher.endProgram?.(registry.place(ref), part);
        await killTree(table, pid, mark);
      };
      let started: StartedExec;
      try {
        started = await startExec({
          ...launch,
          prefix,
          stdin: undefined,
          standsBy: true,
          kill,
        });
      } catch (error) {
        await forget();
        throw error;
      }
      const { child, stdout, stderr } = started;
      const control = child.stdio[3] as Writable;
      // It may be gone already: then its exit says so.
      control.on('error', () => undefined);
      const discard = async () => {
        child.stdin?.destroy();
        control.destroy();
        await started.kill();
        stdout.destroy();
        stderr.destroy();
        await forget();
      };
      const ready: ReadyProgram = {
        mark,
        started,
        order,
        forget,
        discard,
        begin(told, stdin) {
          control.end(told);
          if (child.stdin) feedInput(child.stdin, stdin).catch(() => child.stdin?.destroy());
        },
      };
      const timer = setTimeout(() => {
        if (waiting.get(ref)?.started === started && remove(ref)) discardQuietly(ready);
      }, IDLE_MS);
      timer.unref();
      child.unref();
      await untilMarked(table, child.pid ?? 0, mark);
      waiting.set(ref, { ...ready, timer });
      child.once('exit', () => {
        if (waiting.get(ref)?.started !== started) return;
        remove(ref);
        stdout.destroy();
        stderr.destroy();
        void forget();
      });
      // The oldest goes: a Map keeps the order in which they came.
      for (const [oldest] of waiting) {
        if (waiting.size <= MOST) break;
        const found = remove(oldest);
        if (found) discardQuietly(found);
      }
    });

  return {
    take(sandbox) {
      const found = remove(sandbox.id);
      if (!found) return null;
      const { child } = found.started;
      const isFit = found.mark.number === sandbox.manifest.mark && child.exitCode === null && child.signalCode === null;
      if (isFit) return found;
      discardQuietly(found);
      return null;
    },
    refill(ref) {
      if (!launcher.standby || disposed || waiting.has(ref) || making.has(ref)) return;
      const work = make(ref)
        .catch((error: unknown) => log.debug({ sandbox: ref, error }, 'no process stands by'))
        .finally(() => making.delete(ref));
      making.set(ref, work);
    },
    async dispose() {
      disposed = true;
      await Promise.all(making.values());
      await Promise.all([...waiting.keys()].map((ref) => remove(ref)?.discard()));
    },
  };
}
