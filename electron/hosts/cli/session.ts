import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, appErrorDataSchema, fromErrorData } from '../../../shared/model/error.ts';
import { type Client, createConnection, isNotRunning } from '../client/connection.ts';
import { homeFolder } from '../home-folder.ts';
import { FOLDER_IN_USE, readState } from '../server/state-file.ts';

const START_MS = 30_000;
const POLL_MS = 50;
/** Until a host is tried again that found the folder in use: by one that is ending, which takes a moment also when it is killed. */
const AGAIN_MS = 1000;

/** What a command talks to. */
export interface Session {
  readonly client: Client;
  readonly close: () => Promise<void>;
}

export interface SessionOptions {
  /** Without a host beside: this process is it, and ends with its command. */
  readonly noDaemon: boolean;
  readonly version: string;
}

/** The host that runs, or one that is started for it and goes on in the background. Throws `disconnected`. */
export async function openSession({ noDaemon, version }: SessionOptions): Promise<Session> {
  const home = homeFolder();
  if (noDaemon) {
    // All of a host is much to load for who only talks to one.
    const { openOwnSession } = await import('./own-session.ts');
    return openOwnSession(home, version);
  }
  const running = await reach(home);
  if (running) return running;
  let host = startHost(home);
  let triedAt = Date.now();
  let isHere = false;
  try {
    for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      const session = await reach(home);
      if (session) {
        isHere = (await readState(home))?.pid === host.pid;
        return session;
      }
      if (host.code !== null && host.code !== FOLDER_IN_USE) break;
      // Another that was started at the same time has the folder and will be reached soon, or one that ends will let it go.
      if (host.code === FOLDER_IN_USE && Date.now() - triedAt > AGAIN_MS) {
        host = startHost(home);
        triedAt = Date.now();
      }
    }
  } finally {
    // One that was started in vain would take the folder as soon as another lets it go.
    if (!isHere) host.end();
  }
  if (host.code === FOLDER_IN_USE) {
    throw new AppError('disconnected', `Another Terrarium is using ${home} and does not answer`, {
      hint: `It may be starting or ending: try again. If it stays so, end it; ${join(home, 'log/host.log')} says what it does.`,
    });
  }
  if (host.failure) throw host.failure;
  throw new AppError('disconnected', 'Terrarium’s host could not be started', {
    hint: `Look into ${join(home, 'log/host.log')}, or try: terrarium serve`,
  });
}

/** Null when no host runs on this state folder. */
async function reach(home: string): Promise<Session | null> {
  const { client, connect, close } = createConnection({ home });
  try {
    await connect();
    return { client, close: async () => close() };
  } catch (error) {
    if (isNotRunning(error) || isEnding(error)) return null;
    throw error;
  }
}

/** Or starting: it is there, and takes no connection. */
function isEnding(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

interface StartedHost {
  readonly pid: number | undefined;
  /** Does nothing to one that has ended. */
  readonly end: () => void;
  /** What it ended with, before anybody could talk to it. */
  readonly code: number | null;
  /** Why, as far as it could say. */
  readonly failure: AppError | null;
}

/** In a session of its own, so that Ctrl+C here is not its end. Of two at once, one finds the folder in use and ends. */
function startHost(home: string): StartedHost {
  const main = join(import.meta.dirname, '../web/main.ts');
  const child = spawn(process.execPath, [main, '--no-open'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    cwd: '/',
    env: { ...process.env, TERRARIUM_HOME: home },
  });
  const started: { -readonly [Key in keyof StartedHost]: StartedHost[Key] } = {
    pid: child.pid,
    end: () => void child.kill(),
    code: null,
    failure: null,
  };
  child.on('message', (message) => {
    const data = appErrorDataSchema.safeParse(message);
    if (data.success) started.failure = fromErrorData(data.data);
  });
  child.once('error', () => {
    started.code = 1;
  });
  // Not `exit`: what it said may come later.
  child.once('close', (code) => {
    started.code = code ?? 1;
  });
  child.unref();
  child.channel?.unref();
  return started;
}
