import { existsSync } from 'node:fs';
import { AppError } from '../../../shared/model/error.ts';
import type { Launcher, LocalSandbox } from '../local/launcher.ts';
import { readLogEnd } from '../local/logs.ts';
import { readExit } from '../local/main-program.ts';
import { WORKSPACE } from './identity-files.ts';

// What a sandbox that shows this machine's own system looks like from inside, whatever keeps it apart.

/** In the sandbox's own terms: the workspace has one place there. */
export const inside = ({ manifest }: LocalSandbox, workdir: string): string =>
  workdir === manifest.workspace ? WORKSPACE : workdir;

/** `user`: who a program is inside. */
export const shellOf =
  (user: string): NonNullable<Launcher['shell']> =>
  ({ manifest }) => {
    const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
    return { argv: [shell], env: { SHELL: shell, USER: user, LOGNAME: user, ...manifest.spec.env } };
  };

/** Longer than a maker's last words; the log itself may be large. */
const MESSAGE_BYTES = 4096;

/** That what makes a sandbox (`maker`) has ended before it stood: with its last words, which are in the sandbox's log. */
export async function failedToStart({ paths }: LocalSandbox, maker: string): Promise<AppError> {
  const said = (await readLogEnd(paths.stderr, MESSAGE_BYTES)).trim().split('\n').at(-1) || `${maker} said nothing`;
  const { code = null, signal = null } = (await readExit(paths.exit)) ?? {};
  const how = signal === null ? `exit code ${code ?? 'unknown'}` : signal;
  return new AppError('internal', `The sandbox could not be made: ${said} (${how}).`, {
    hint: 'Check its mounts and file rules.',
  });
}
