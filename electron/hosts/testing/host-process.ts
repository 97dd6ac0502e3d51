import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createConnection } from '../client/connection.ts';
import { readState } from '../server/state-file.ts';

const main = join(import.meta.dirname, '../web/main.ts');

/** A real web host in a process of its own, on a state folder that can outlive it. */
export interface HostProcess {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
  /** The link that it printed, with the one-time token. */
  readonly link: string;
  readonly client: Client;
  /** Where its debugger listens, with `isInspected`. */
  readonly inspector: string | undefined;
  /** Ends it like Ctrl+C. */
  readonly stop: () => Promise<void>;
  /** Ends it like a power cut. */
  readonly kill: () => Promise<void>;
}

export interface StartOptions {
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** In a session of its own: Ctrl+C in a terminal then reaches the caller only, who ends it in its own order. */
  readonly detached?: boolean;
  /** With a debugger, for `heapInUse`. */
  readonly isInspected?: boolean;
}

export async function makeHome(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'terrarium-home-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function startHost(
  home: string,
  { port = 0, env = {}, detached = false, isInspected = false }: StartOptions = {},
): Promise<HostProcess> {
  const nodeOptions = isInspected ? ['--inspect=127.0.0.1:0'] : [];
  const child = spawn(process.execPath, [...nodeOptions, main, '--no-open', '--port', String(port)], {
    env: { ...process.env, ...env, TERRARIUM_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
  });
  const { link, inspector } = await printedAddresses(child);
  const state = await readState(home);
  if (!state || child.pid === undefined) throw new Error('the host wrote no state file');
  const { client, close, connect } = createConnection({ port: state.port, token: state.token });
  await connect();
  const end = async (signal: NodeJS.Signals) => {
    close();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    pid: child.pid,
    port: state.port,
    token: state.token,
    link,
    client,
    inspector,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function printedAddresses(
  child: ChildProcess,
): Promise<{ readonly link: string; readonly inspector: string | undefined }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
      const link = /http:\/\/\S+#token=\S+/.exec(output);
      const inspector = /ws:\/\/\S+/.exec(output);
      if (link) resolve({ link: link[0], inspector: inspector?.[0] });
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the host ended (${code ?? signal}):\n${output}`)));
  });
}
