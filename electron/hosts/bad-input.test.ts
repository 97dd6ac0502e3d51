import { isContractProcedure } from '@orpc/contract';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import type { FunctionSettings, FunctionSpecInput } from '../../shared/model/function.ts';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { spoil } from './testing/bad-input.ts';
import { failure } from './testing/failure.ts';
import { hostForTests } from './testing/host-for-tests.ts';

const sandbox = 'sbx_0123456789abcdefghij';
const console = 'con_0123456789abcdefghij';
const execution = 'exe_0123456789abcdefghij';
const functionId = 'fun_0123456789abcdefghij';
const invocation = 'inv_0123456789abcdefghij';
const upload = 'upl_0123456789abcdefghij';
const spec: SandboxSpecInput = {
  name: 'quiet-fern',
  engine: 'docker',
  source: { type: 'image', reference: 'busybox:latest' },
  command: ['sleep', '1'],
  env: { NAME: 'value' },
  workdir: '/workspace',
  mounts: [{ hostPath: '/srv', path: '/data', readOnly: true }],
  ports: [{ port: 80, hostPort: 20_000, protocol: 'tcp' }],
  limits: {
    cpuCores: 1,
    memoryBytes: 64 * 1024 * 1024,
    diskBytes: 64 * 1024 * 1024,
    processes: 10,
    openFiles: 64,
    fileSizeBytes: 4096,
    wallTimeMs: 1000,
    idleTimeMs: 1000,
    cpuTimeMs: 1000,
    outputBytes: 1024,
    fuel: 1,
  },
  network: { mode: 'allowlist', hosts: ['example.com'] },
  profile: 'standard',
  labels: { team: 'a' },
  runtime: 'runsc',
  userns: 'auto',
  filesystem: { readOnly: ['/srv'], readWrite: ['/srv/out'], denied: ['/srv/secret'], overlay: false },
  python: {
    interpreter: 'python3',
    systemSitePackages: false,
    pip: false,
    packages: ['requests>=2'],
    indexUrl: 'https://pypi.example/simple',
    wheels: '/srv/wheels',
  },
  allowBestEffort: false,
  ttlMs: 1000,
};

const functionSpec: FunctionSpecInput = {
  code: { type: 'javascript', text: 'export const handler = (payload) => payload', handler: 'handler' },
  engine: 'docker',
  runtime: 'runsc',
  source: { type: 'image', reference: 'busybox:latest' },
  env: { NAME: 'value' },
  mounts: [{ hostPath: '/srv', path: '/data', readOnly: true }],
  limits: { cpuCores: 1, memoryBytes: 64 * 1024 * 1024, processes: 10, cpuTimeMs: 1000, fuel: 1 },
  network: { mode: 'none' },
  profile: 'standard',
  python: spec.python,
  allowBestEffort: false,
};
const functionSettings: FunctionSettings = {
  timeoutMs: 1000,
  idleTimeMs: 1000,
  maxConcurrency: 2,
  maxQueue: 5,
  keepState: false,
  keepPayloads: true,
};

const writeId = 'wrt_aaaaaaaaaaaa';
const at = { sandboxId: sandbox, path: 'src/main.ts' };

/** One full, valid input for every call and stream of the contract. */
const valid: Readonly<Record<string, unknown>> = {
  'sandboxes.create': { spec, start: false },
  'sandboxes.createAndWait': { spec, start: false },
  'sandboxes.validate': { spec },
  'sandboxes.get': { id: sandbox },
  'sandboxes.list': {},
  'sandboxes.start': { id: sandbox, confirmForeign: false },
  'sandboxes.stop': { id: sandbox, confirmForeign: false, graceMs: 1 },
  'sandboxes.pause': { id: sandbox, confirmForeign: false },
  'sandboxes.resume': { id: sandbox, confirmForeign: false },
  'sandboxes.rebuild': { id: sandbox },
  'sandboxes.destroy': { id: sandbox, confirmForeign: false, keepWorkspace: false },
  'sandboxes.update': { id: sandbox, name: 'new', labels: { a: 'b' }, limits: { processes: 5 }, ttlMs: 5000 },
  'sandboxes.inspect': { id: sandbox },
  'sandboxes.watch': {},
  'changes.list': { id: sandbox },
  'changes.read': { id: sandbox, path: 'src/main.ts' },
  'changes.apply': { id: sandbox, paths: ['src/main.ts'] },
  'changes.discard': { id: sandbox, paths: ['src/main.ts'] },
  'executions.run': {
    sandboxId: sandbox,
    command: ['true'],
    env: { A: 'b' },
    workdir: '/',
    stdin: 'x',
    streamInput: false,
    outputWindow: 65_536,
    timeoutMs: 5,
    encoding: 'utf8',
    confirmForeign: false,
  },
  'executions.write': { id: execution, base64: 'AA==' },
  'executions.endInput': { id: execution },
  'executions.acknowledge': { id: execution, bytes: 5 },
  'executions.runAndWait': {
    sandboxId: sandbox,
    command: ['true'],
    env: { A: 'b' },
    workdir: '/',
    stdin: 'x',
    timeoutMs: 5,
    encoding: 'utf8',
    confirmForeign: false,
  },
  'executions.get': { id: execution },
  'executions.list': { sandboxId: sandbox, limit: 5 },
  'executions.cancel': { id: execution },
  'executions.signal': { id: execution, signal: 'SIGINT' },
  'files.stat': at,
  'files.list': at,
  'files.listAll': at,
  'files.watch': { ...at, recursive: true },
  'files.read': { ...at, offset: 1 },
  'files.readWhole': { ...at, encoding: 'utf8' },
  'files.writeWhole': { ...at, content: 'x', encoding: 'utf8', mode: 0o600, confirmForeign: false },
  'files.beginWrite': { ...at, mode: 0o600, confirmForeign: false },
  'files.readTree': at,
  'files.beginWriteTree': { ...at, confirmForeign: false },
  'files.appendWrite': { writeId, base64: 'AGFzbQ==' },
  'files.finishWrite': { writeId },
  'files.cancelWrite': { writeId },
  'files.makeFolder': { ...at, confirmForeign: false },
  'files.remove': { ...at, recursive: false, confirmForeign: false },
  'files.rename': { sandboxId: sandbox, from: 'a.txt', to: 'b.txt', confirmForeign: false },
  'modules.inspect': { path: '/srv/a.wasm' },
  'modules.of': { sandboxId: sandbox },
  'modules.beginUpload': { name: 'a.wasm', sizeBytes: 8 },
  'modules.appendUpload': { uploadId: upload, base64: 'AGFzbQ==' },
  'modules.finishUpload': { uploadId: upload },
  'modules.cancelUpload': { uploadId: upload },
  'packages.list': { sandboxId: sandbox },
  'packages.install': { sandboxId: sandbox, provider: 'pip', requirements: ['requests'], fromFile: false },
  'packages.upgrade': { sandboxId: sandbox, provider: 'pip', names: ['requests'] },
  'packages.uninstall': { sandboxId: sandbox, provider: 'pip', names: ['requests'] },
  'packages.freeze': { sandboxId: sandbox, provider: 'pip' },
  'packages.versions': { sandboxId: sandbox, provider: 'pip', name: 'requests' },
  'packages.repair': { sandboxId: sandbox, provider: 'pip' },
  'snapshots.list': { id: sandbox },
  'snapshots.create': { id: sandbox, name: 'first' },
  'snapshots.restore': { id: sandbox, name: 'first' },
  'snapshots.clone': { id: sandbox, name: 'first', newName: 'twin' },
  'snapshots.remove': { id: sandbox, name: 'first' },
  'consoles.open': { sandboxId: sandbox, cols: 80, rows: 24, command: ['sh'], confirmForeign: false },
  'consoles.write': { id: console, data: 'x' },
  'consoles.resize': { id: console, cols: 80, rows: 24 },
  'consoles.close': { id: console },
  'consoles.list': { sandboxId: sandbox },
  'consoles.attach': { id: console },
  'consoles.acknowledge': { id: console, attachment: 'att', characters: 5 },
  'monitor.watch': { id: sandbox, intervalMs: 1000, historyMs: 1000 },
  'monitor.watchAll': { intervalMs: 1000 },
  'logs.follow': { id: sandbox, tail: 10, follow: true, since: 5 },
  'engines.list': {},
  'engines.probe': { kind: 'process' },
  'engines.watch': {},
  'functions.list': {},
  'functions.watch': {},
  'functions.get': { id: functionId },
  'functions.create': { name: 'sum', spec: functionSpec, settings: functionSettings },
  'functions.check': {
    spec: {
      code: { type: 'module', path: '/srv/sum.wasm', handler: 'handler' },
      engine: 'wasm',
      source: { type: 'empty' },
    },
  },
  'functions.update': {
    id: functionId,
    spec: { code: { type: 'command', command: ['cat'] }, engine: 'docker' },
    settings: functionSettings,
  },
  'functions.rename': { id: functionId, name: 'sum' },
  'functions.delete': { id: functionId },
  'functions.versions': { id: functionId },
  'functions.version': { id: functionId, version: 1 },
  'functions.setCurrent': { id: functionId, version: 1 },
  'functions.invoke': { id: functionId, payload: '{"a":1}', version: 1 },
  'functions.statistics': { id: functionId, periodMs: 60_000, version: 1 },
  'functions.instances': { id: functionId },
  'invocations.list': { functionId, before: invocation, limit: 5 },
  'invocations.get': { id: invocation },
  'images.list': { engine: 'docker' },
  'images.pull': { engine: 'docker', reference: 'busybox:latest' },
  'events.list': { sandboxId: sandbox, before: 5, limit: 5 },
  'events.watch': { sandboxId: sandbox },
  'settings.get': {},
  'settings.set': { changes: { ports: { first: 20_000, last: 21_000 } } },
  'settings.explain': { spec: { engine: 'process' } },
  'system.info': {},
  'system.show': { sandboxId: sandbox },
};

const procedures = Object.entries(contract).flatMap(([group, calls]) =>
  Object.entries(calls).map(([name, procedure]) => ({ call: `${group}.${name}`, group, name, procedure })),
);

const { host } = hostForTests();
let refused = 0;

function schemaOf(procedure: unknown): z.ZodType {
  if (!isContractProcedure(procedure)) throw new Error('not a procedure of the contract');
  return procedure['~orpc'].inputSchema as z.ZodType;
}

/** The client's type knows only good inputs. */
function callWith(group: string, name: string, input: unknown): Promise<unknown> {
  const calls = Reflect.get(host.client, group) as Record<string, (input: unknown) => Promise<unknown>>;
  const call = calls[name];
  if (!call) throw new Error(`${group}.${name} is not in the client`);
  return call(input);
}

test.each(procedures)('$call refuses bad input and names the field', async ({ call, group, name, procedure }) => {
  const schema = schemaOf(procedure);
  const example = valid[call];
  expect(schema.safeParse(example).success).toBe(true);

  for (const { input, path, how } of spoil(example)) {
    if (schema.safeParse(input).success) continue; // spoilt into something that is allowed
    const error = await failure(callWith(group, name, input));
    const field = String(error.details?.field);
    const where = `${path} (${how})`;
    expect(error.code, where).toBe('invalid_input');
    expect(error.message, where).toContain(field);
    const related = path === 'input' || field.startsWith(path) || path.startsWith(field);
    expect(related, `${where}: the error names ${field}`).toBe(true);
    refused += 1;
  }
});

test('the set is large, and the host has lived through it', async () => {
  expect(refused).toBeGreaterThanOrEqual(2000);
  expect((await host.client.sandboxes.list({})).filter((sandbox) => !sandbox.foreign)).toEqual([]);
  expect((await host.client.events.list({})).filter((event) => event.type === 'create_failed')).toEqual([]);
});

test('frames that are no messages of the contract do not end the host', async () => {
  const frames = [
    '',
    '{',
    '[]',
    'null',
    '{"i":1}',
    '{"i":"1","p":{"u":"/nowhere"}}',
    '{"i":"1","t":9,"p":{}}',
    new Uint8Array([255, 0, 255]),
  ];
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, {
    headers: { Authorization: `Bearer ${host.token}` },
  });
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  for (const frame of frames) socket.send(frame);
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }));
  socket.close();
  await closed;
  expect((await host.client.system.info({})).hostKind).toBe('web');
});
