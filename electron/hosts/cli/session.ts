import { spawn } from 'node:child_process';
import { connect as connectTo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../shared/model/error.ts';
import { type Client, connect } from '../client.ts';
import { homeFolder } from '../home-folder.ts';
import { FOLDER_IN_USE, type HostState, readState } from '../server/state-file.ts';

const START_MS = 30_000;
const POLL_MS = 50;

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
  const host = startHost(home);
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const session = await reach(home);
    if (session) return session;
    // Another that was started at the same time has the folder, and will be reached soon.
    if (host.code !== null && host.code !== FOLDER_IN_USE) break;
  }
  if (host.code === FOLDER_IN_USE) {
    throw new AppError('disconnected', `Another Terrarium is using ${home} and does not answer`, {
      hint: `It may be starting or ending: try again. If it stays so, end it; ${join(home, 'log/host.log')} says what it does.`,
    });
  }
  throw new AppError('disconnected', 'Terrarium’s host could not be started', {
    hint: `Look into ${join(home, 'log/host.log')}, or try: terrarium serve`,
  });
}

/** Null when no host runs on this state folder. */
async function reach(home: string): Promise<Session | null> {
  const state = await readState(home);
  if (!state) return null;
  try {
    const { client, close } = await connect(state.port, state.token);
    return { client, close: async () => close() };
  } catch (cause) {
    // Nobody there, or somebody who has the port of a host that was killed.
    if (!isAlive(state.pid) || !(await listens(state.port))) return null;
    if (await refusesToken(state)) {
      throw new AppError('denied', 'Terrarium’s host does not accept the token of its state file', {
        hint: `If that host uses another state folder, remove ${join(home, 'host.json')} and try again.`,
        cause,
      });
    }
    throw new AppError('disconnected', 'Terrarium’s host does not take the connection', {
      hint: 'It may have too many: close some, and try again.',
      cause,
    });
  }
}

/** A WebSocket does not say why it was refused. */
async function refusesToken({ port, token }: HostState): Promise<boolean> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/auth/link`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(5000),
    });
    return status === 401;
  } catch {
    return false; // it does not speak HTTP, or not in time: it does not take the connection, which is what is told then
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTo({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // nobody has this number, or somebody else's process has it now
  }
}

/** In a session of its own, so that Ctrl+C here is not its end. Of two at once, one finds the folder in use and ends. */
function startHost(home: string): { readonly code: number | null } {
  const ended: { code: number | null } = { code: null };
  const main = join(import.meta.dirname, '../web/main.ts');
  const child = spawn(process.execPath, [main, '--no-open'], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
    env: { ...process.env, TERRARIUM_HOME: home },
  });
  child.once('error', () => {
    ended.code = 1;
  });
  child.once('exit', (code) => {
    ended.code = code ?? 1;
  });
  child.unref();
  return ended;
}
