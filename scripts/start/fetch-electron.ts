import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../lib/processes.ts';

export interface FetchOptions {
  /** The package's own installer. */
  readonly installer: string;
  /** Where the download lies until it is whole. Removed afterwards. */
  readonly temporary: string;
  /** Where it is unpacked to. */
  readonly target: string;
  /** Given up after this long without another byte: no fixed limit, as a slow line is still a line. */
  readonly stallMs: number;
  /** Called once, when bytes begin to come. */
  readonly onBegin: () => void;
}

const CHECK_MS = 500;

/** Fetches Electron's binary. Null, or why it could not be had. */
export async function fetchElectron(options: FetchOptions): Promise<string | null> {
  const { installer, temporary, stallMs } = options;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const child = spawn(process.execPath, [installer], {
    env: { ...process.env, TMPDIR: temporary, ELECTRON_GET_NO_PROGRESS: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const watch = watchProgress(options, () => child.kill('SIGKILL'));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (watch.hasStalled()) return `the download of Electron did not get on for ${stallMs / 1000} s`;
    return code === 0 ? null : `Electron could not be downloaded (${reasonIn(said)})`;
  } finally {
    watch.stop();
    await rm(temporary, { recursive: true, force: true });
  }
}

function watchProgress(
  { temporary, target, stallMs, onBegin }: FetchOptions,
  giveUp: () => void,
): { readonly hasStalled: () => boolean; readonly stop: () => void } {
  let bytes = 0;
  let grewAt = performance.now();
  let begun = false;
  let stalled = false;
  let timer: NodeJS.Timeout | undefined;
  const check = async () => {
    const now = (await sizeBelow(temporary)) + (await sizeBelow(target));
    if (now !== bytes) {
      bytes = now;
      grewAt = performance.now();
      if (!begun) onBegin();
      begun = true;
    }
    stalled = performance.now() - grewAt > stallMs;
    if (stalled) giveUp();
  };
  const schedule = () => {
    timer = setTimeout(() => {
      // A file that moves away while it is measured is measured again next time.
      check().then(schedule, schedule);
    }, CHECK_MS);
  };
  schedule();
  return { hasStalled: () => stalled, stop: () => clearTimeout(timer) };
}

async function sizeBelow(folder: string): Promise<number> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** The installer prints a stack; its first line says what happened. */
function reasonIn(said: string): string {
  const first = said
    .split('\n')
    .map((line) => line.trim().replace(/^\w*Error: /, ''))
    .find((line) => line !== '');
  if (first === undefined) return 'it did not say why';
  return first === 'fetch failed' ? 'its server cannot be reached' : first;
}
