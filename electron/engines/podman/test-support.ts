import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Capabilities } from '../../../shared/model/engine.ts';
import { type SandboxSpecInput, sandboxSpecInputSchema, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import type { CreateRequest, Engine, EngineObject, Task } from '../engine.ts';
import { describeUnless } from '../engine-contract/describe-unless.ts';
import type { EngineHarness } from '../engine-contract.ts';
import { createPodmanEngine } from './podman-engine.ts';
import { findTestPodman, IMAGE, podmanOf, type TestPodman, userPodman } from './test-podman.ts';

/** Ports that no other test uses. */
export const PORT_RANGE = { first: 27_100, last: 27_199 };

/** Root's Podman, as root. */
export function createRootEngine({ socket, env }: TestPodman, owner: string, state: string): Engine {
  return createPodmanEngine({
    owner: `test ${owner}`,
    state,
    env: { ...process.env, ...env, CONTAINER_HOST: `unix://${socket}` },
  });
}

/** The user's own Podman, for whoever this process is: nothing is configured, so it must be found or started. */
export function createUserEngine({ user }: TestPodman, owner: string, state: string): Engine {
  return createPodmanEngine({ owner: `test ${owner}`, state, home: user.home, env: process.env });
}

/** Like `describe`, for tests of a real Podman. `given`: what was found before this process became a user. */
export async function describePodman(
  title: string,
  body: (podman: TestPodman) => void,
  given?: TestPodman | string,
): Promise<void> {
  const found = given ?? (await findTestPodman());
  describeUnless(typeof found === 'string' ? found : null, title, () => {
    if (typeof found !== 'string') body(found);
  });
}

/** Null when this engine and the test image are there, else the reason. */
export async function missingFor(engine: Engine, isolation: Isolation = 'container'): Promise<string | null> {
  try {
    const { status, reason, hint, capabilities } = await engine.probe();
    if (status !== 'available') return `${reason ?? status}. ${hint ?? ''}`.trim();
    if (capabilities.isolation !== isolation) return `Podman’s usual runtime isolates by ${capabilities.isolation}`;
    const images = (await engine.images?.list()) ?? [];
    const tags = images.flatMap((image) => image.tags);
    return tags.includes(`localhost/${IMAGE}`) ? null : `no image ${IMAGE}; run: npm run provision`;
  } finally {
    await engine.dispose();
  }
}

/** What Podman's own system call filter does not keep from happening, see `describeIsolation`. */
export const podmansOwnFilter = {
  'becomes root of a user namespace': 'Podman lets it, so that Podman runs in Podman; nothing outside is won by it',
};

type Isolation = Capabilities['isolation'];

const baseSpec = { engine: 'podman', source: { type: 'image', reference: IMAGE } } as const;

function given(podman: TestPodman | string): TestPodman {
  if (typeof podman === 'string') throw new Error(podman);
  return podman;
}

/** For the suites that every engine runs, with root's Podman. `isolation`: what its usual runtime must bring. */
export function rootHarness(podman: TestPodman | string, isolation: Isolation = 'container'): EngineHarness {
  return {
    available: async () =>
      typeof podman === 'string' ? podman : missingFor(createRootEngine(podman, 'look', '/nowhere'), isolation),
    makeEngine: async (home) => createRootEngine(given(podman), home, home),
    baseSpec,
    async changeOutside({ ref }) {
      await podmanOf(given(podman), 'kill', ref);
    },
    // What runs in gVisor are threads of its kernel.
    processesVisible: isolation !== 'kernel',
  };
}

/** The same with the Podman of the ordinary user that this process has become. */
export function userHarness(podman: TestPodman | string, isolation: Isolation = 'container'): EngineHarness {
  return {
    async available() {
      if (typeof podman === 'string') return podman;
      const state = await mkdtemp(join(tmpdir(), 'terrarium-look-'));
      try {
        return await missingFor(createUserEngine(podman, 'look', state), isolation);
      } finally {
        await rm(state, { recursive: true, force: true });
      }
    },
    makeEngine: async (home) => createUserEngine(given(podman), home, home),
    baseSpec,
    async changeOutside({ ref }) {
      await userPodman('kill', ref);
    },
    processesVisible: isolation !== 'kernel',
  };
}

export const quietTask = (): Task => ({ signal: new AbortController().signal, progress: () => undefined });

export interface Bench {
  readonly engine: Engine;
  readonly home: string;
  readonly podman: (...args: readonly string[]) => Promise<string>;
  readonly create: (overrides?: Partial<SandboxSpecInput>, task?: Task) => Promise<EngineObject>;
  readonly running: (overrides?: Partial<SandboxSpecInput>) => Promise<EngineObject>;
  /** Destroys all that was made. */
  readonly clear: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** An engine with a folder for its sandboxes; everything made with it goes with `dispose`. */
export async function createBench(
  podman: TestPodman,
  make: (podman: TestPodman, owner: string, state: string) => Engine = createRootEngine,
): Promise<Bench> {
  const home = await mkdtemp(join(tmpdir(), 'terrarium-podman-'));
  const engine = make(podman, randomBytes(6).toString('hex'), home);
  const made: string[] = [];
  const create = async (overrides: Partial<SandboxSpecInput> = {}, task = quietTask()) => {
    const id = `sbx_${randomBytes(8).toString('hex')}`;
    const directory = join(home, 'sandboxes', id);
    await mkdir(directory, { recursive: true });
    const input = { engine: 'podman' as const, source: { type: 'image' as const, reference: IMAGE }, ...overrides };
    const spec = sandboxSpecSchema.parse({
      name: 'podman test',
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
    home,
    podman: (...args) => podmanOf(podman, ...args),
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
