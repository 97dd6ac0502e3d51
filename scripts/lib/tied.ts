import { findProgram } from './command.ts';

/**
 * A command that gets SIGTERM when this process is gone, however it ended: the kernel sends it
 * (PR_SET_PDEATHSIG), so not even SIGKILL leaves a child alone. Where that is not to be had, as it is.
 */
export function tiedToParent(command: readonly string[]): readonly string[] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : null;
  return setpriv ? [setpriv, '--pdeathsig', 'TERM', ...command] : command;
}
