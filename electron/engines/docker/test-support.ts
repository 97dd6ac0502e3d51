import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type SandboxSpecInput, sandboxSpecInputSchema, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { findProgram } from '../../lib/executable.ts';
import type { CreateRequest, Engine, EngineObject, Task } from '../engine.ts';
import { describeUnless } from '../engine-contract/describe-unless.ts';
import type { EngineHarness } from '../engine-contract.ts';
import { createDockerEngine } from './docker-engine.ts';
import { findEndpoint } from './endpoint.ts';

const execute = promisify(execFile);

/** Made by `npm run provision`: Debian's static busybox and its applets. */
export const IMAGE = 'terrarium-test/busybox:latest';
/** Ports that no other test uses. */
export const PORT_RANGE = { first: 27_000, last: 27_099 };

/** Runs the docker command, as a user does beside Terrarium. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await execute('docker', args)).stdout.trim();
}

export function createTestEngine(
  owner: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Engine {
  return createDockerEngine({ owner: `test ${owner}`, env });
}

/** Null when these tests can run, else the reason and the remedy. */
export async function available(): Promise<string | null> {
  const engine = createTestEngine('availability');
  try {
    const { status, reason, hint } = await engine.probe();
    if (status !== 'available') return `${reason ?? status}. ${hint ?? ''}`.trim();
    const images = (await engine.images?.list()) ?? [];
    return images.some(({ tags }) => tags.includes(IMAGE)) ? null : `no image ${IMAGE}; run: npm run provision`;
  } finally {
    await engine.dispose();
  }
}

/** Null when the daemon has a runtime that works here, else why not. */
export async function lacksRuntime(name: string): Promise<string | null> {
  const engine = createTestEngine('availability');
  try {
    const { runtimes, facts } = await engine.probe();
    if (runtimes.some((runtime) => runtime.name === name)) return null;
    return facts[`runtime ${name}`] ?? `the daemon has no runtime ${name}; run: npm run provision`;
  } finally {
    await engine.dispose();
  }
}

/** Like `describe`, for tests of a real daemon. */
export async function describeDocker(title: string, body: () => void): Promise<void> {
  describeUnless(await available(), title, body);
}

/** Like `describe`, for tests that need a program on PATH. */
export function describeWith(program: string, title: string, body: () => void): void {
  const there = findProgram(program, { extra: [] });
  describeUnless(there ? null : `no ${program} on this machine; run: npm run provision`, title, body);
}

export async function killOutside(object: EngineObject): Promise<void> {
  await docker('kill', object.ref);
}

export const quietTask = (): Task => ({ signal: new AbortController().signal, progress: () => undefined });

export interface Bench {
  readonly engine: Engine;
  readonly create: (overrides?: Partial<SandboxSpecInput>, task?: Task) => Promise<EngineObject>;
  readonly running: (overrides?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
  /** Destroys all that was made. */
  readonly clear: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** An engine with a folder for its sandboxes; everything made with it goes with `dispose`. */
export async function createBench(engine = createTestEngine(randomBytes(6).toString('hex'))): Promise<Bench> {
  const home = await mkdtemp(join(tmpdir(), 'terrarium-docker-'));
  const made: string[] = [];
  const create = async (overrides: Partial<SandboxSpecInput> = {}, task = quietTask()) => {
    const id = `sbx_${randomBytes(8).toString('hex')}`;
    const directory = join(home, 'sandboxes', id);
    await mkdir(directory, { recursive: true });
    const input = { engine: 'docker' as const, source: { type: 'image' as const, reference: IMAGE }, ...overrides };
    const spec = sandboxSpecSchema.parse({
      name: 'docker test',
      network: { mode: 'none' },
      profile: 'standard',
      ...sandboxSpecInputSchema.parse(input),
    });
    const request: CreateRequest = { id, generation: 1, spec, directory, portRange: PORT_RANGE };
    const object = await engine.create(request, task);
    made.push(object.ref);
    return object;
  };
  const clear = async () => {
    for (const ref of made.splice(0)) await engine.destroy(ref);
  };
  return {
    engine,
    create,
    running: async (overrides) => await engine.start((await create(overrides)).ref),
    clear,
    async dispose() {
      await clear();
      await engine.dispose();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export interface DaemonProxy {
  readonly env: Readonly<Record<string, string>>;
  readonly open: () => Promise<void>;
  /** As a daemon that is stopped: nobody listens, and what was connected breaks. */
  readonly close: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/**
 * Stands in front of the real daemon, so that it can "go away" without harm to other tests. With
 * `tcp` it is one on another machine as far as the engine can tell.
 */
export async function createDaemonProxy(how: 'unix' | 'tcp' = 'unix'): Promise<DaemonProxy> {
  const { url } = findEndpoint({ env: process.env, home: homedir(), platform: process.platform, uid: null });
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-proxy-'));
  const path = join(folder, 'docker.sock');
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ path: url.replace('unix://', ''), allowHalfOpen: true });
    for (const socket of [inner, outer]) keep(socket);
    inner.pipe(outer).pipe(inner);
    inner.on('close', () => outer.destroy());
    outer.on('close', () => inner.destroy());
  });
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const open = () =>
    new Promise<void>((resolve) => {
      if (how === 'unix') server.listen(path, resolve);
      else server.listen(0, '127.0.0.1', resolve);
    });
  await open();
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const host = how === 'unix' ? `unix://${path}` : `tcp://127.0.0.1:${port}`;
  return {
    env: { PATH: process.env.PATH ?? '', DOCKER_HOST: host },
    open,
    close,
    async dispose() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** For the suites that every engine runs; `runtime` as in a spec. */
export function dockerHarness(runtime?: string): EngineHarness {
  return {
    available: async () => (await available()) ?? (runtime === undefined ? null : lacksRuntime(runtime)),
    makeEngine: async (home) => createTestEngine(home),
    baseSpec: {
      engine: 'docker',
      source: { type: 'image', reference: IMAGE },
      ...(runtime === undefined ? {} : { runtime }),
    },
    changeOutside: killOutside,
    // What runs in gVisor are threads of its kernel.
    processesVisible: runtime === undefined,
  };
}
