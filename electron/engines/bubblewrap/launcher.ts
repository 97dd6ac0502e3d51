import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { isAlive, namespacePids, readProc } from '../../lib/proc-linux.ts';
import type { Launcher, LocalSandbox, SandboxPlace } from '../local/launcher.ts';
import { withoutLimits } from '../local/launcher.ts';
import { nameLimit } from '../local/limits.ts';
import type { Abilities } from './abilities.ts';
import { createAccounting } from './accounting.ts';
import { boxPaths, findBox, prepareBox, readBox, writeBox } from './box.ts';
import type { SandboxLayout } from './command-line.ts';
import { sandboxEnvironment } from './environment.ts';
import { checkFileRules } from './file-rules.ts';
import { createFileView } from './file-view.ts';
import type { createFilters } from './filter.ts';
import { failedToStart, inside, shellOf } from './inside.ts';
import { checkFolder, findProgramInside, type InsideView, viewOf, viewOfPlan } from './inside-view.ts';
import { joinLaunch, makeLaunch } from './launches.ts';
import { checkLayer, hasLayer, prepareLayer, tidyLayer } from './layer/layer.ts';
import { layOut } from './layout.ts';
import type { Mount } from './mount-plan.ts';
import { connectNetwork } from './network.ts';
import { HOLDER } from './scripts.ts';
import { alwaysDenied } from './secrets.ts';

const POLL_MS = 1;

/**
 * Runs a local sandbox's programs inside namespaces of its own: one set a sandbox, made by bubblewrap
 * at the start and joined by every later program. `state`: Terrarium's own folder, never shown inside.
 */
export function createBubblewrapLauncher(options: {
  readonly state: string;
  /** Throws `engine_unavailable` where no sandbox can be made. */
  readonly abilities: () => Promise<Abilities>;
  readonly filters: ReturnType<typeof createFilters>;
  /** What an engine shows of its own; later than all that a spec asks for. */
  readonly mounts?: (sandbox: LocalSandbox) => Promise<readonly Mount[]>;
}): Launcher {
  const { state, abilities, filters, mounts } = options;
  const denied = alwaysDenied(state);
  const accounting = createAccounting();
  /** Of sandboxes that are being started, by id. */
  const layouts = new Map<string, SandboxLayout>();
  let known: Abilities | undefined;
  const find = async () => {
    known = await abilities();
    return known;
  };

  const viewInto = async (sandbox: LocalSandbox): Promise<InsideView> => {
    const box = await readBox(boxPaths(sandbox));
    if (!box) throw gone();
    return viewOf(box.first.pid);
  };
  const strikesSeen = new Map<string, number>();

  const ended = async (place: SandboxPlace) => {
    layouts.delete(place.id);
    await accounting.close(place);
    await tidyLayer(place);
    await rm(boxPaths(place).folder, { recursive: true, force: true });
  };

  return {
    async create(sandbox) {
      checkFileRules(sandbox.manifest.spec, denied);
      if (hasLayer(sandbox)) checkLayer(sandbox, state);
    },

    async start(sandbox) {
      const { tools, cgroups } = await find();
      checkFileRules(sandbox.manifest.spec, denied);
      const paths = boxPaths(sandbox);
      await accounting.close(sandbox);
      await prepareBox(paths);
      if (!filters) throw new Error(`there is no filter for ${process.arch}, and yet a sandbox could be made`);
      await writeFile(paths.filter, filters(sandbox.manifest.spec.profile));
      if (hasLayer(sandbox)) checkLayer(sandbox, state);
      const layer = hasLayer(sandbox) ? await prepareLayer(sandbox) : null;
      layouts.set(sandbox.id, await layOut(sandbox, tools, { state, denied }, await mounts?.(sandbox), layer));
      strikesSeen.set(sandbox.id, 0);
      await accounting.open(sandbox, cgroups);
    },

    async started(sandbox) {
      const { tools } = await find();
      const paths = boxPaths(sandbox);
      const { main, spec } = sandbox.manifest;
      layouts.delete(sandbox.id);
      const isUp = async () => (await readFile(paths.ready, 'utf8')).endsWith('\n');
      while (!(await isUp())) {
        const isOver = !main || !isAlive(main.pid, main.startTime);
        // Looked at once more: a short program comes up and ends between two looks.
        if (isOver && !(await isUp())) throw await failedToStart(sandbox, 'bubblewrap');
        await delay(POLL_MS);
      }
      const box = await findBox(paths);
      // Its program may have ended already: then that is how it went.
      if (!box) return;
      await writeBox(paths, box);
      if (spec.network.mode !== 'full') return;
      await connectNetwork(tools, box, sandbox.manifest, `${paths.folder}/network.log`);
      await using gate = await open(paths.gate, 'r+');
      await gate.write('go\n');
    },

    ended,
    async remove(place) {
      strikesSeen.delete(place.id);
      await ended(place);
    },

    holder: () => HOLDER,
    environment: sandboxEnvironment,
    shell: shellOf('nobody'),
    view: createFileView(async () => (await find()).tools, denied),

    async locate(sandbox, { role, argv, env, workdir }) {
      const layout = layouts.get(sandbox.id);
      const view = role === 'main' && layout ? viewOfPlan(layout.plan) : await viewInto(sandbox);
      const folder = inside(sandbox, workdir);
      checkFolder(view, folder);
      return findProgramInside(view, argv[0] ?? '', env.PATH, folder);
    },

    async launch(sandbox, program) {
      const { tools } = await find();
      const placed = { ...program, workdir: inside(sandbox, program.workdir) };
      if (program.role === 'main' || program.role === 'holder') {
        const layout = layouts.get(sandbox.id);
        if (!layout) throw new Error('a main program is launched without a start');
        return makeLaunch(sandbox, placed, tools, layout);
      }
      const box = await readBox(boxPaths(sandbox));
      if (!box) throw gone();
      // What another host has seen of its limits is nothing that this program met with.
      if (!strikesSeen.has(sandbox.id)) {
        strikesSeen.set(sandbox.id, (await accounting.strikes(sandbox)).memoryBytes ?? 0);
      }
      return joinLaunch(sandbox, placed, tools, box);
    },

    rlimits(limits) {
      const held = known?.cgroups?.controllers;
      const byCgroup = held?.has('memory') ? (['memoryBytes', 'processes'] as const) : (['processes'] as const);
      return withoutLimits(limits, byCgroup);
    },

    async explainExit(sandbox, exit) {
      const signal = signalOf(exit);
      const { memoryBytes = 0 } = await accounting.strikes(sandbox);
      if (signal === 'SIGKILL' && memoryBytes > (strikesSeen.get(sandbox.id) ?? 0)) {
        strikesSeen.set(sandbox.id, memoryBytes);
        return { ...exit, limit: 'memoryBytes' };
      }
      const { limit } = nameLimit({ code: null, signal }, sandbox.manifest.spec.limits);
      return limit === undefined ? exit : { ...exit, limit };
    },

    pause: accounting.pause,
    resume: accounting.resume,
    sample: accounting.sample,
    strikes: accounting.strikes,
    updateLimits: accounting.updateLimits,
    isCarrier,
  };
}

function gone(): AppError {
  return new AppError('conflict', 'The sandbox has just ended.', { hint: 'Start it again.' });
}

/** Signals that limits kill with, also as a shell or bwrap reports them (128 and the number). */
const signals = new Map([
  [137, 'SIGKILL'],
  [152, 'SIGXCPU'],
  [153, 'SIGXFSZ'],
]);
const signalOf = ({ code, signal }: Exit) => signal ?? signals.get(code ?? 0) ?? null;

/** One pid only: it is in no other pid namespace than this host, so it is outside of the sandbox. */
const isOutside = (pid: number): boolean => namespacePids(pid)?.length === 1;

/** Also the bwrap that has brought a later program in: it is inside, but for its parent, and with its end the program dies. */
function isCarrier(pid: number): boolean {
  const pids = namespacePids(pid);
  if (pids === null) return false;
  return pids.length === 1 || (pids.at(-1) !== 1 && isOutside(readProc(pid)?.ppid ?? 0));
}
