import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Capabilities, type Capability, features } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import { limitNames } from '../../../shared/model/limits.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { networkModes, profiles, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import type { Engine, EngineObject } from '../../engines/engine.ts';
import { openStore, type Store } from '../../store/store.ts';
import type { Engines } from '../engines/engines.ts';
import { createEvents } from '../events.ts';
import { createSettings } from '../settings/settings.ts';
import { createRegistry, type Registry } from './registry.ts';
import { createSandboxes, type Sandboxes } from './sandboxes.ts';

const id = 'sbx_aaaaaaaaaaaa';
const spec = sandboxSpecSchema.parse({
  name: 'mine',
  engine: 'process',
  source: { type: 'empty' },
  network: { mode: 'full' },
  profile: 'trusted',
});

const every = <K extends string>(names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, { support: 'enforced' }])) as Record<K, Capability>;
const capabilities: Capabilities = {
  isolation: 'none',
  limits: every(limitNames),
  network: every(networkModes),
  profiles: every(profiles),
  features: every(features),
  sources: ['empty'],
  defaults: { network: { mode: 'full' }, profile: 'trusted' },
};

let home: string;
let store: Store;
let registry: Registry;
let sandboxes: Sandboxes;
/** What the engine has, as it is now. */
let state: EngineObject['state'] | null;
let inspecting: (ref: string) => Promise<void>;

const objectIn = (its: EngineObject['state']): EngineObject => ({
  ref: id,
  owned: { id, generation: 1, spec },
  name: 'mine',
  source: 'empty',
  state: its,
  createdAt: 1,
  startedAt: its === 'ready' ? null : 2,
  stoppedAt: its === 'stopped' ? 3 : null,
  exit: null,
  ports: [],
  workspace: null,
});

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'terrarium-follow-'));
  store = openStore(join(home, 'terrarium.db'));
  registry = createRegistry(store);
  state = 'ready';
  inspecting = async () => undefined;
  const now = async (ref: string = id) => {
    await inspecting(ref);
    if (state === null) throw new AppError('not_found', 'gone');
    return { ...objectIn(state), ref };
  };
  const engine = {
    kind: 'process',
    inspect: now,
    start() {
      state = 'running';
      return now();
    },
  } as unknown as Engine;
  const report = { capabilities, runtimes: [] };
  const engines = { ready: async () => undefined, available: () => ({ engine, report }) } as unknown as Engines;
  const log = pino({ enabled: false });
  const events = createEvents(store);
  sandboxes = createSandboxes({
    home,
    registry,
    engines,
    events,
    settings: createSettings(join(home, 'config.toml'), log),
    log,
  });
  const { owned: _, ref, ...object } = objectIn('ready');
  const sandbox: Sandbox = {
    ...object,
    id,
    engine: 'process',
    foreign: false,
    spec,
    generation: 1,
    error: null,
    ports: [],
  };
  registry.put({ sandbox, ref });
});
afterEach(async () => {
  store.close();
  await rm(home, { recursive: true, force: true });
});

const shown = () => registry.get(id).sandbox.state;

it('takes what the engine says of a sandbox that nobody has touched', async () => {
  await sandboxes.listener.onChange('process', { type: 'changed', object: objectIn('stopped') });
  expect(shown()).toBe('stopped');
});

it('does not take a word from before an operation for what is', async () => {
  const before = objectIn('ready');
  await sandboxes.start(id, { confirmForeign: false });
  await sandboxes.listener.onChange('process', { type: 'changed', object: before });
  expect(shown()).toBe('running');
  await sandboxes.listener.onList('process', [before]);
  expect(shown()).toBe('running');
  // A list from before it was made.
  await sandboxes.listener.onList('process', []);
  expect(shown()).toBe('running');
});

it('takes what happened outside after an operation', async () => {
  await sandboxes.start(id, { confirmForeign: false });
  state = 'stopped';
  await sandboxes.listener.onChange('process', { type: 'changed', object: objectIn('stopped') });
  await expect.poll(shown).toBe('stopped');
  state = null;
  await sandboxes.listener.onChange('process', { type: 'removed', ref: id });
  await expect.poll(shown).toBe('lost');
});

it('finds again what was lost, also after an operation', async () => {
  await sandboxes.start(id, { confirmForeign: false });
  state = null;
  await sandboxes.listener.onChange('process', { type: 'removed', ref: id });
  await expect.poll(shown).toBe('lost');
  state = 'running';
  await sandboxes.listener.onChange('process', { type: 'changed', object: objectIn('running') });
  await expect.poll(shown).toBe('running');
  expect(registry.get(id).ref).toBe(id);
});

it('leaves alone what was made while a list was taken in', async () => {
  await sandboxes.start(id, { confirmForeign: false });
  const making = Promise.withResolvers<void>();
  const task = { signal: new AbortController().signal, progress: () => undefined };
  const creation = sandboxes.create({ ...spec, name: 'made' }, false, task, async (_engine, request) => {
    await making.promise;
    return { ...objectIn('ready'), ref: request.id, owned: { id: request.id, generation: 1, spec: request.spec } };
  });
  await expect.poll(() => registry.all().length).toBe(2);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  inspecting = (ref) => {
    if (ref !== id) return Promise.resolve();
    asked.resolve();
    return answer.promise;
  };
  const taken = sandboxes.listener.onList('process', []);
  await asked.promise;
  making.resolve();
  const made = await creation;
  answer.resolve();
  await taken;
  expect(registry.get(made.id)).toMatchObject({ sandbox: { error: null }, ref: made.id });
});

it('an operation that was done stays so when the look after it fails', async () => {
  let asked = 0;
  inspecting = async () => {
    asked += 1;
    if (asked > 1) throw new Error('no answer');
    // While it is started, so that it is looked at afterwards.
    void sandboxes.listener.onChange('process', { type: 'changed', object: objectIn('running') });
  };
  expect(await sandboxes.start(id, { confirmForeign: false })).toMatchObject({ state: 'running', error: null });
  expect(asked).toBe(2);
  expect(shown()).toBe('running');
});
