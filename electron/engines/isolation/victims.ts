import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What attempts are aimed at: things of this machine that a sandbox must neither see nor change. */
export interface Victims {
  /** For the attempts' environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What is no longer as it was. */
  readonly harmed: () => readonly string[];
  readonly dispose: () => Promise<void>;
}

export async function createVictims(stateFolder: string): Promise<Victims> {
  const home = mkdtempSync(join(tmpdir(), 'terrarium-victim-'));
  const file = join(home, 'secret');
  const secret = randomBytes(12).toString('hex');
  writeFileSync(file, secret);
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh/id_ed25519'), secret);
  // Everybody on this machine may read it: it is the sandbox alone that keeps it.
  chmodSync(home, 0o755);

  // What is set later does not show in /proc, so first of all: the victim has it, and all that an engine starts may.
  process.env.TERRARIUM_ISOLATION_SECRET = secret;
  const argument = String(randomInt(100_000_000, 999_999_999));
  const victim = spawn('sleep', [argument], { stdio: 'ignore' });
  await once(victim, 'spawn');
  const abstractName = `terrarium-${secret}`;
  const onLoopback = await listen({ port: 0, host: '127.0.0.1' });
  const sockets = [await listen({ path: `\0${abstractName}` }), onLoopback];
  const shared = join('/dev/shm', `terrarium-${secret}`);
  writeFileSync(shared, secret);
  const key = randomInt(1, 0x7fff_ffff);
  const sharedId = await makeShared(key);

  return {
    env: {
      VICTIM_FILE: file,
      VICTIM_PID: String(victim.pid),
      VICTIM_ARGUMENT: argument,
      HOST_HOME: home,
      STATE_FOLDER: stateFolder,
      // In parts, so that an attempt does not find it in its own environment.
      SECRET_NAME_BEGINS: 'TERRARIUM_ISOLATION',
      SECRET_NAME_ENDS: '_SECRET',
      SHARED_NAME: `terrarium-${secret}`,
      SHARED_KEY: String(key),
      ABSTRACT_NAME: abstractName,
      LOOPBACK_PORT: String((onLoopback.address() as AddressInfo).port),
    },
    harmed: () => [
      ...(isAlive(victim) ? [] : ['the victim was killed']),
      ...(readFileSync(file, 'utf8') === secret ? [] : ['the file was changed']),
    ],
    async dispose() {
      Reflect.deleteProperty(process.env, 'TERRARIUM_ISOLATION_SECRET');
      for (const socket of sockets) socket.close();
      if (isAlive(victim)) {
        victim.kill('SIGKILL');
        await once(victim, 'exit');
      }
      if (sharedId !== null) await run('ipcrm', ['-m', sharedId]);
      rmSync(shared, { force: true });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

async function listen(where: { readonly path: string } | { readonly port: number; readonly host: string }) {
  const server: Server = createServer((socket) => socket.destroy());
  server.listen(where);
  await once(server, 'listening');
  return server;
}

/** System V memory that everybody may attach; null without Perl, and then the attempt is not made either. */
async function makeShared(key: number): Promise<string | null> {
  const code = 'my $id = shmget($ARGV[0], 4096, 01666); defined $id or exit 1; print $id';
  return run('perl', ['-e', code, String(key)]).then(
    ({ stdout }) => stdout,
    () => null,
  );
}
