import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import { findOnPath } from './endpoint.ts';
import { listens } from './socket.ts';

/** Podman's API, served by a process of this host where nobody else serves it. */
export interface PodmanService {
  /** Its socket; starts it when it does not run. Throws AppError. */
  readonly ensure: () => Promise<string>;
  readonly isRunning: () => boolean;
  /** Whether it does not run, or ends within so many milliseconds. */
  readonly endsWithin: (ms: number) => Promise<boolean>;
  /** Ends it. Containers go on. */
  readonly stop: () => Promise<void>;
}

export interface ServiceOptions {
  readonly program: string;
  /** For the socket; only this user may enter it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** Without a connection for so long it ends by itself: also when this host could not end it. In seconds. */
const IDLE_S = 30;
const START_MS = 10_000;
const STOP_MS = 5000;
const RETRY_MS = 15_000;
/** What fits into an address, see unix(7), with some to spare. */
const LONGEST_PATH = 100;

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

let count = 0;

export function createPodmanService({ program, folder, env, log }: ServiceOptions): PodmanService {
  count += 1;
  const name = `podman-${process.pid}-${count}.sock`;
  const own = join(folder, name);
  let place: { readonly path: string; readonly temporary: string | null } | null = null;
  let running: Running | null = null;
  let starting: Promise<string> | null = null;
  let failed: { readonly error: unknown; readonly at: number } | null = null;

  const socketPath = () => {
    if (place === null) {
      const temporary = own.length > LONGEST_PATH ? mkdtempSync(join(tmpdir(), 'terrarium-')) : null;
      if (temporary === null) mkdirSync(folder, { recursive: true, mode: 0o700 });
      place = { path: temporary === null ? own : join(temporary, 'podman.sock'), temporary };
    }
    return place.path;
  };

  const start = async (): Promise<string> => {
    const path = socketPath();
    rmSync(path, { force: true });
    const argv = [program, 'system', 'service', `--time=${IDLE_S}`, `unix://${path}`];
    const [file = program, ...args] = tied(argv, env);
    // A session of its own: a Ctrl-C in the terminal is for the host, which then ends it in order.
    const child = spawn(file, args, {
      detached: true,
      // Where conmon leaves a file when memory runs out.
      cwd: dirname(path),
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...env },
    });
    child.unref();
    let words = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-4000);
      log.debug({ text: text.trim() }, 'podman system service');
    });
    (child.stderr as { unref?: () => void } | null)?.unref?.();
    const over = Promise.withResolvers<void>();
    const mine: Running = { child, ended: over.promise };
    running = mine;
    const end = (reason: string) => {
      words ||= reason;
      if (running === mine) running = null;
      over.resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(`it ended with ${signal ?? code}`));
    for (const deadline = Date.now() + START_MS; !(await listens(path)); await sleep(10)) {
      if (running === mine && Date.now() < deadline) continue;
      await stop();
      throw new AppError('engine_unavailable', `Podman’s service could not be started: ${lastLine(words)}`, {
        hint: 'Try: podman info, which says what it lacks; or let the system start it: systemctl --user enable --now podman.socket',
        details: { engine: words },
      });
    }
    return path;
  };

  const restart = async () => {
    if (running) await stop();
    return await start();
  };

  const stop = async () => {
    const mine = running;
    if (mine) {
      mine.child.kill('SIGTERM');
      const timer = setTimeout(() => mine.child.kill('SIGKILL'), STOP_MS);
      await mine.ended;
      clearTimeout(timer);
    }
    if (place === null) return;
    rmSync(place.temporary ?? place.path, { recursive: true, force: true });
    place = null;
  };

  return {
    isRunning: () => running !== null && starting === null,
    async endsWithin(ms) {
      const over = new AbortController();
      await Promise.race([running?.ended, sleep(ms, undefined, { signal: over.signal }).catch(() => undefined)]);
      over.abort();
      return running === null;
    },
    async ensure() {
      if (starting) return await starting;
      // Killed, it is gone before that is heard of.
      if (running && (await listens(socketPath()))) return socketPath();
      if (starting) return await starting;
      // What fails is not tried again at once: the host asks twice a second.
      if (failed && Date.now() - failed.at < RETRY_MS) throw failed.error;
      starting = restart().finally(() => {
        starting = null;
      });
      try {
        return await starting;
      } catch (error) {
        failed = { error, at: Date.now() };
        throw error;
      }
    },
    async stop() {
      await starting?.catch(() => undefined); // told to who asked for it
      await stop();
    },
  };
}

/** The kernel ends it when this host dies, where setpriv(1) is there to ask for that. */
function tied(argv: readonly string[], env: ServiceOptions['env']): readonly string[] {
  const setpriv = process.platform === 'linux' ? findOnPath('setpriv', env) : null;
  return setpriv === null ? argv : [setpriv, '--pdeathsig', 'TERM', ...argv];
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
