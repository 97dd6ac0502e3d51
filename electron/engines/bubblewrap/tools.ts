import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../../lib/executable.ts';

const run = promisify(execFile);

/** The programs that make a sandbox, by their absolute paths. */
export interface Tools {
  readonly bwrap: string;
  readonly nsenter: string;
  readonly unshare: string;
  readonly prlimit: string;
  /** Mounts the layer of a sandbox whose writes are kept apart. */
  readonly mount: string | null;
  /** Brings the network mode `full`. */
  readonly slirp: string | null;
}

export interface MissingTool {
  readonly reason: string;
  readonly hint: string;
}

export function findTools(): Tools | MissingTool {
  const [bwrap, nsenter, unshare, prlimit] = ['bwrap', 'nsenter', 'unshare', 'prlimit'].map((each) =>
    findProgram(each),
  );
  if (!bwrap) {
    return {
      reason: 'The program bwrap is missing.',
      hint: 'Install bubblewrap, e.g. apt install bubblewrap, dnf install bubblewrap or pacman -S bubblewrap.',
    };
  }
  if (!nsenter || !unshare || !prlimit) {
    return {
      reason: 'The programs nsenter, unshare and prlimit are needed, and not all of them are there.',
      hint: 'Install util-linux, e.g. apt install util-linux.',
    };
  }
  return { bwrap, nsenter, unshare, prlimit, mount: findProgram('mount'), slirp: findProgram('slirp4netns') };
}

/** Undefined in version strings that it does not know. */
export async function versionOf(bwrap: string): Promise<string | null> {
  const { stdout } = await run(bwrap, ['--version'], { timeout: 5000 });
  return /(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1] ?? null;
}
