import { checkFolder, findProgramInside, viewOfPlan } from '../bubblewrap/inside-view.ts';
import type { LocalSandbox, Program } from '../local/launcher.ts';
import { readLayout } from './bundle.ts';
import { pathsOf } from './paths.ts';
import { type Runsc, runInside } from './runsc.ts';

/**
 * Finds a program as a shell inside would. What lies in memory is seen from inside only, so a sandbox
 * that runs is asked when nothing was found from outside. Throws `invalid_input`.
 */
export async function findInside(
  runsc: Runsc,
  sandbox: LocalSandbox,
  { role, argv: [name = ''], env, workdir }: Program,
): Promise<string> {
  const view = viewOfPlan((await readLayout(pathsOf(sandbox))).plan);
  try {
    checkFolder(view, workdir);
    return findProgramInside(view, name, env.PATH, workdir);
  } catch (error) {
    if (role !== 'exec' && role !== 'console') throw error;
    const script = 'cd -- "$1" && command -v -- "$2"';
    const found = await runInside(runsc, sandbox, { script, args: [workdir, name], path: env.PATH }).catch(() => '');
    // A shell's own words have no path.
    if (found.includes('/')) return found.trim();
    throw error;
  }
}
