import { readdirSync } from 'node:fs';
import { readKernelFile } from '../../lib/cgroup.ts';

/** So long after a command's end Podman has noted how it ended, and others have ended too. */
const WAIT_MS = 1000;

/**
 * Podman's monitor (conmon) of each command stays for five minutes after the command's end
 * (`exit_command_delay`), in case somebody asks how it ended. Who asks every second has hundreds of
 * them. Here it is known, so they are ended, many at a time.
 */
export function createExecMonitors({ local }: { readonly local: boolean }) {
  const over = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const sweep = () => {
    timer = undefined;
    for (const name of readdirSync('/proc')) {
      const line = /^\d+$/.test(name) ? readKernelFile(`/proc/${name}/cmdline`) : null;
      const id = line === null ? null : monitoredExec(line);
      if (id === null || !over.has(id)) continue;
      try {
        process.kill(Number(name), 'SIGKILL');
      } catch {
        // It has just ended, or is another user's: then it ends by itself.
      }
    }
    over.clear();
  };
  return {
    execOver(id: string) {
      if (!local || process.platform !== 'linux') return;
      over.add(id);
      timer ??= setTimeout(sweep, WAIT_MS).unref();
    },
    dispose() {
      if (timer === undefined) return;
      clearTimeout(timer);
      sweep();
    },
  };
}

/** The exec that a process monitors, from its command line; null: it is no such monitor. */
export function monitoredExec(commandLine: string): string | null {
  const argv = commandLine.split('\0');
  if (!/(?:^|\/)conmon$/.test(argv[0] ?? '') || !argv.includes('--exec-attach')) return null;
  return argv[argv.indexOf('-u') + 1] ?? null;
}
