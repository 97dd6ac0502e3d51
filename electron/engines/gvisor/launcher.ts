import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/model/error.ts';
import type { Cgroup } from '../../lib/cgroup.ts';
import { cgroupEntries } from '../../lib/cgroup-create.ts';
import { isAlive } from '../../lib/proc-linux.ts';
import { createAccounting } from '../bubblewrap/accounting.ts';
import { boxPaths, prepareBox, readCgroup } from '../bubblewrap/box.ts';
import { sandboxEnvironment } from '../bubblewrap/environment.ts';
import { checkFileRules } from '../bubblewrap/file-rules.ts';
import { fileView } from '../bubblewrap/file-view.ts';
import { failedToStart, inside, shellOf } from '../bubblewrap/inside.ts';
import { HOLDER, outerScript } from '../bubblewrap/scripts.ts';
import { alwaysDenied } from '../bubblewrap/secrets.ts';
import type { Launcher, LocalSandbox, Program, SandboxPlace } from '../local/launcher.ts';
import { type Command, prepareBundle, processOf, writeConfig } from './bundle.ts';
import type { Gvisor } from './find-gvisor.ts';
import { layOut } from './layout.ts';
import { findInside } from './locate.ts';
import { pathsOf } from './paths.ts';
import { callRunsc, RUNSC_ENVIRONMENT, runscArguments, statusOf } from './runsc.ts';
import { createSampling } from './sample.ts';
import { askAllToEnd, endProgram, signalProgram } from './signals.ts';

const POLL_MS = 2;
/** A start takes about half a second; whoever waits for it holds the sandbox's lock. */
const START_LIMIT_MS = 20_000;

/** PID 1 inside: it outlives signals that are meant for the program, and so is not the program itself. */
const FIRST = ['/bin/sh', '-c', `trap : TERM INT HUP; "$@"; exit $?`, 'sh'] as const;

/**
 * Runs a local sandbox's programs on gVisor's kernel: `runsc run` from the start to the end, and
 * `runsc exec` for every later program. `state`: Terrarium's own folder, never shown inside.
 */
export function createGvisorLauncher(options: {
  readonly state: string;
  /** Throws `engine_unavailable` where gVisor does not work. */
  readonly gvisor: () => Promise<Gvisor>;
  readonly startLimitMs?: number;
}): Launcher {
  const { state, gvisor, startLimitMs = START_LIMIT_MS } = options;
  const sampling = createSampling();
  const denied = alwaysDenied(state);
  const accounting = createAccounting();
  const strikesSeen = new Map<string, number>();
  const letGo: NonNullable<Launcher['ended']> = async (place) => {
    await accounting.close(place);
    await rm(boxPaths(place).folder, { recursive: true, force: true });
  };

  return {
    async create({ manifest }) {
      checkFileRules(manifest.spec, denied);
    },

    async start(sandbox) {
      const { cgroups } = await gvisor();
      checkFileRules(sandbox.manifest.spec, denied);
      await accounting.close(sandbox);
      await prepareBox(boxPaths(sandbox));
      await prepareBundle(pathsOf(sandbox), await layOut(sandbox, { state, denied }));
      strikesSeen.delete(sandbox.id);
      await accounting.open(sandbox, cgroups);
    },

    async started(sandbox) {
      const runsc = await gvisor();
      const paths = pathsOf(sandbox);
      const { main } = sandbox.manifest;
      const isOver = () => !main || !isAlive(main.pid, main.startTime);
      const deadline = performance.now() + startLimitMs;
      let trouble = 'runsc made no sandbox';
      const untilNextLook = async () => {
        if (performance.now() > deadline) throw neverStood(trouble, startLimitMs);
        await delay(POLL_MS);
      };
      while (!existsSync(paths.created)) {
        // Looked at once more: a short program comes up and ends between two looks.
        if (isOver() && !existsSync(paths.created)) throw await failedToStart(sandbox, 'runsc');
        await untilNextLook();
      }
      // Made, but not yet begun.
      while (!isOver()) {
        const status = await statusOf(runsc, sandbox).catch((error: unknown) => messageOf(error));
        if (status === 'running') break;
        trouble = `runsc state said ${status ?? 'that there is no such sandbox'}`;
        await untilNextLook();
      }
    },

    ended: letGo,
    async remove(place) {
      strikesSeen.delete(place.id);
      sampling.forget(place);
      await letGo(place);
    },

    holder: () => HOLDER,
    environment: sandboxEnvironment,
    shell: shellOf('root'),
    view: async (sandbox) => fileView(sandbox, denied),
    async locate(sandbox, program) {
      return findInside(await gvisor(), sandbox, { ...program, workdir: inside(sandbox, program.workdir) });
    },

    async launch(sandbox, program) {
      const runsc = await gvisor();
      const paths = pathsOf(sandbox);
      const command = commandOf(sandbox, program);
      const env = { ...RUNSC_ENVIRONMENT, TERRARIUM_SANDBOX_ID: sandbox.id };
      const call = runscArguments(runsc, paths);
      if (program.role === 'main' || program.role === 'holder') {
        await writeConfig(paths, { ...command, argv: [...FIRST, ...command.argv] });
        const cgroup = await readCgroup(boxPaths(sandbox));
        const argv = [...call, 'run', '--bundle', paths.folder, '--pid-file', paths.created, sandbox.id];
        return { argv: ['/bin/sh', '-c', outerScript(entriesOf(cgroup), []), 'terrarium', ...argv], env, cwd: '/' };
      }
      const { part = 0 } = program.mark;
      // Its own memory is not the sandbox's: it stays out of the cgroup.
      await writeFile(paths.process(part), JSON.stringify(processOf(command)), { mode: 0o600 });
      return { argv: [...call, 'exec', '--process', paths.process(part), sandbox.id], env, cwd: '/' };
    },

    // They are set inside, see `processOf`.
    rlimits: () => ({}),

    async explainExit(sandbox, exit, role, part) {
      if (role === 'exec' || role === 'console') await forgetProcess(sandbox, part);
      const { memoryBytes = 0 } = await accounting.strikes(sandbox);
      // The whole sandbox ends at it: then its own end is told of, whatever was told of before.
      const seen = role === 'main' || role === 'holder' ? 0 : (strikesSeen.get(sandbox.id) ?? 0);
      if (memoryBytes > seen && exit.code !== 0) {
        strikesSeen.set(sandbox.id, memoryBytes);
        return { ...exit, limit: 'memoryBytes' };
      }
      // A shell reports death by signal 25 so.
      const { fileSizeBytes } = sandbox.manifest.spec.limits;
      return exit.code === 153 && fileSizeBytes !== undefined ? { ...exit, limit: 'fileSizeBytes' } : exit;
    },

    async pause(place) {
      const paths = pathsOf(place);
      const runsc = await gvisor();
      await writeFile(paths.paused, '');
      try {
        await callRunsc(runsc, paths, ['pause', place.id]);
      } catch (error) {
        // Where the file stays, no program is ended: nothing would answer. What pausing failed with is told, not this.
        const status = await statusOf(runsc, place).catch(() => null);
        if (status !== 'paused') await rm(paths.paused, { force: true });
        throw error;
      }
      return undefined;
    },
    async resume(place) {
      const paths = pathsOf(place);
      if (!existsSync(paths.paused)) return undefined;
      try {
        await callRunsc(await gvisor(), paths, ['resume', place.id]);
      } catch (error) {
        // Nobody can go on where nothing runs (any more), and it may never have come to the pause.
        if ((await statusOf(await gvisor(), place)) === 'paused') throw error;
      }
      await rm(paths.paused, { force: true });
      return undefined;
    },
    askToEnd: async (sandbox, members, deadline) => askAllToEnd(await gvisor(), sandbox, members, deadline),
    signalProgram: async (place, part, signal) => signalProgram(await gvisor(), place, part, signal),
    async endProgram(place, part) {
      await forgetProcess(place, part);
      await endProgram(await gvisor(), place, part);
    },
    sample: sampling.sample,
    strikes: accounting.strikes,
    updateLimits: accounting.updateLimits,
  };
}

/** What a later program is holds its environment, so it stays no longer than the program. */
const forgetProcess = (place: SandboxPlace, part: number) => rm(pathsOf(place).process(part), { force: true });

const messageOf = (error: unknown) => (error instanceof Error ? error.message.trim() : String(error));

function neverStood(trouble: string, limitMs: number): AppError {
  return new AppError('timeout', `The sandbox did not come up within ${limitMs / 1000} s: ${trouble}.`, {
    hint: 'Start it again when this machine has less to do, or leave out the runtime to run it without gVisor.',
  });
}

function commandOf(sandbox: LocalSandbox, { role, argv, env, workdir }: Program): Command {
  const { limits } = sandbox.manifest.spec;
  return { argv, env, workdir: inside(sandbox, workdir), limits, terminal: role === 'console' };
}

/** All at once: what starts gVisor is a part of it. */
function entriesOf(cgroup: Cgroup | null): readonly string[] {
  if (!cgroup) return [];
  const { early, late } = cgroupEntries(cgroup);
  return [...early, ...late];
}
