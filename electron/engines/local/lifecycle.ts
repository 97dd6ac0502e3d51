import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineOffer } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import { refusals } from '../../../shared/model/refusal.ts';
import type { Log } from '../../lib/log.ts';
import { bindError, choosePorts, portKey } from '../../lib/ports.ts';
import { membersOf, type ProcTable, signalAll, stopAll, untilMarked } from '../../lib/proc.ts';
import { undo } from '../../lib/undo.ts';
import type { CreateRequest, EngineRef, Task } from '../engine.ts';
import { checkWorkdir } from './environment.ts';
import type { PrepareLaunch } from './launch-preparation.ts';
import type { Launcher } from './launcher.ts';
import { startMainProgram } from './main-program.ts';
import { isLive, type Manifest } from './manifest.ts';
import type { Marker } from './marker.ts';
import { recordProgram } from './program-records.ts';
import { manifestMark, type Registry } from './registry.ts';
import { prepareWorkspace, removeTraces } from './workspace.ts';

const POLL_MS = 20;

export interface Lifecycle {
  readonly create: (request: CreateRequest, task: Task) => Promise<Manifest>;
  readonly start: (ref: EngineRef) => Promise<Manifest>;
  readonly stop: (ref: EngineRef, graceMs: number) => Promise<Manifest>;
  readonly pause: (ref: EngineRef) => Promise<Manifest>;
  readonly resume: (ref: EngineRef) => Promise<Manifest>;
  readonly destroy: (ref: EngineRef) => Promise<void>;
}

export function createLifecycle(options: {
  readonly owner: string;
  readonly home: string;
  readonly registry: Registry;
  readonly launcher: Launcher;
  readonly marker: Marker;
  readonly prepare: PrepareLaunch;
  readonly table: ProcTable;
  readonly offer: () => EngineOffer | Promise<EngineOffer>;
  readonly log: Log;
}): Lifecycle {
  const { owner, home, registry, launcher, marker, prepare, table, offer, log } = options;

  const create = (request: CreateRequest, task: Task) =>
    registry.locked(request.id, async () => {
      const { id, generation, spec, directory } = request;
      const { signal, progress } = task;
      signal.throwIfAborted();
      const [refusal] = refusals(spec, await offer());
      if (refusal) throw new AppError('unsupported', refusal.message, { details: { field: refusal.field } });
      const paths = registry.paths(id);
      if (paths.directory !== directory) {
        throw new AppError('internal', `The sandbox must be in ${paths.directory}, not in ${directory}.`);
      }
      if (await registry.find(id)) throw conflict('exists already', 'Destroy it first.');
      progress('Preparing the workspace');
      const workspace = await prepareWorkspace(paths, home, spec.source);
      signal.throwIfAborted();
      using chosen = await choosePorts({
        requests: spec.ports,
        range: request.portRange,
        taken: async () => new Set((await registry.ports()).map(portKey)),
        isFree: async (port) => (await bindError(port)) === null,
      });
      const manifest: Manifest = {
        version: 1,
        owner,
        id,
        generation,
        spec,
        workspace,
        // Another one is taken at the start, when it counts.
        mark: marker.freshMark(await registry.marks()),
        state: 'ready',
        createdAt: Date.now(),
        startedAt: null,
        stoppedAt: null,
        exit: null,
        main: null,
        ports: chosen.ports.map((port) => ({ ...port, hostIp: '127.0.0.1' })),
        boot: null,
      };
      try {
        await launcher.create?.(registry.sandbox(manifest), task);
        signal.throwIfAborted();
        return await registry.save(manifest);
      } catch (error) {
        return undo(error, log, { 'remove what was made': () => launcher.remove?.(registry.place(id)) });
      }
    });

  const start = (ref: EngineRef) =>
    registry.locked(ref, async () => {
      const before = await registry.settle(ref);
      if (before.state === 'running') return before;
      if (before.state === 'paused') throw conflict('is paused', 'Resume it.');
      const scan = table.scan();
      if (membersOf(scan, manifestMark(before)).length > 0) await registry.kill(before);

      const paths = registry.paths(ref);
      await mkdir(paths.temporary, { recursive: true, mode: 0o700 });
      // The mark is on record before anything carries it: whatever happens, what was started is found.
      const mark = marker.freshMark(scan.marks, await registry.marks());
      const marked = await registry.save({ ...before, mark, exit: null });
      // Until it is on record as running, another host would take it for a dead one's leftover.
      const forget = await recordProgram(paths.programs, table, { mark, part: 0 });
      try {
        const sandbox = registry.sandbox(marked);
        await launcher.start?.(sandbox);
        const running = { ...marked, state: 'running', startedAt: Date.now(), stoppedAt: null } as const;
        const { command } = before.spec;
        const argv = command ?? launcher.holder?.(sandbox);
        if (!argv) {
          await checkWorkdir(before.spec.workdir ?? before.workspace);
          return await registry.save(running);
        }

        const role = command ? 'main' : 'holder';
        const launch = await prepare(sandbox, { role, argv, mark: manifestMark(marked) });
        const child = await startMainProgram(paths, launch);
        child.unref();
        child.once('exit', (code, signal) => {
          // Not waited for; when it fails, the next look at the sandbox tries again.
          registry.locked(ref, () => registry.settle(ref, { code, signal })).catch(() => undefined);
        });
        const pid = child.pid ?? 0;
        await untilMarked(table, pid, manifestMark(marked));
        const started = { ...running, main: { pid, startTime: table.startTimeOf(pid) ?? 0 } };
        await launcher.started?.(registry.sandbox(started));
        return await registry.save(started);
      } catch (error) {
        return await undo(error, log, {
          'end what was started': () => registry.kill(marked),
          // The new mark stays on record: by it, what could not be ended is found by the next start or stop.
          'record that it does not run': () => registry.save({ ...before, mark }),
        });
      } finally {
        await forget();
      }
    });

  /** All but the holder, which is the last to go: its end would be everybody's, and a sudden one. */
  const guestsOf = (manifest: Manifest) => {
    const scan = table.scan();
    const mark = manifestMark(manifest);
    const members = membersOf(scan, mark);
    if (manifest.spec.command || !manifest.main) return members;
    const holder = new Set(scan.marked({ ...mark, part: 0 }));
    return members.filter((proc) => !holder.has(proc));
  };

  /** TERM to all, and to shells on a terminal also HUP, as TERM does not end those. */
  const askToEnd = (manifest: Manifest) => {
    const guests = guestsOf(manifest);
    const sandbox = registry.sandbox(manifest);
    const carriers = new Set(guests.filter(({ pid }) => launcher.isCarrier?.(pid, sandbox)).map(({ pid }) => pid));
    const members = guests.filter(({ pid }) => !carriers.has(pid));
    signalAll(members, 'SIGTERM');
    signalAll(
      members.filter(({ onTerminal, pid, ppid, session }) => onTerminal && (pid === session || carriers.has(ppid))),
      'SIGHUP',
    );
    signalAll(guests, 'SIGCONT');
  };

  const hasEnded = (manifest: Manifest) =>
    manifest.main && manifest.spec.command
      ? !table.isAlive(manifest.main.pid, manifest.main.startTime)
      : guestsOf(manifest).length === 0;

  const stop = (ref: EngineRef, graceMs: number) =>
    registry.locked(ref, async () => {
      const before = await registry.settle(ref);
      if (!isLive(before)) {
        await registry.kill(before);
        return before;
      }
      await launcher.resume?.(registry.place(ref));
      const deadline = performance.now() + graceMs;
      const asked = await launcher.askToEnd?.(registry.sandbox(before), guestsOf(before), deadline);
      if (!launcher.askToEnd || asked === false) askToEnd(before);
      while (!hasEnded(before) && performance.now() < deadline) await delay(POLL_MS);
      const forced = !hasEnded(before);
      await registry.kill(before);
      if (before.main) {
        const ended = { code: null, signal: forced ? 'SIGKILL' : 'SIGTERM' };
        const after = await registry.settle(ref, ended);
        // Another instance may have seen the end first, and cannot know how it came about.
        const known = after.exit?.code != null || after.exit?.signal != null;
        return known || !before.spec.command ? after : registry.save({ ...after, exit: ended });
      }
      return registry.save({ ...before, state: 'stopped', stoppedAt: Date.now(), exit: { code: null, signal: null } });
    });

  const pause = (ref: EngineRef) =>
    registry.locked(ref, async () => {
      const before = await registry.settle(ref);
      if (before.state === 'paused') return before;
      if (before.state !== 'running') throw conflict('is not running', 'Start it first.');
      // Recorded first: after a crash in between, `resume` is what is offered.
      const paused = await registry.save({ ...before, state: 'paused' });
      const handled = launcher.pause && (await launcher.pause(registry.place(ref))) !== false;
      if (!handled) await stopAll(() => membersOf(table.scan(), manifestMark(before)));
      return paused;
    });

  const resume = (ref: EngineRef) =>
    registry.locked(ref, async () => {
      const before = await registry.settle(ref);
      if (before.state === 'running') return before;
      if (before.state !== 'paused') throw conflict('is not paused', 'Start it first.');
      const handled = launcher.resume && (await launcher.resume(registry.place(ref))) !== false;
      if (!handled) signalAll(membersOf(table.scan(), manifestMark(before)), 'SIGCONT');
      return registry.save({ ...before, state: 'running' });
    });

  const destroy = (ref: EngineRef) =>
    registry.locked(ref, async () => {
      const manifest = await registry.find(ref);
      // First on record as stopped: another instance would else see that its main program has ended, and write
      // that down where everything is about to be removed.
      if (manifest && isLive(manifest)) await registry.save({ ...manifest, state: 'stopped', stoppedAt: Date.now() });
      if (manifest) await registry.kill(manifest);
      else await registry.killNamed(ref);
      await launcher.remove?.(registry.place(ref));
      await removeTraces(registry.paths(ref));
      registry.changes.publish();
    });

  return { create, start, stop, pause, resume, destroy };
}

function conflict(what: string, hint: string): AppError {
  return new AppError('conflict', `The sandbox ${what}.`, { hint });
}
