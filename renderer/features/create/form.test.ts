import { describe, expect, it } from 'vitest';
import { en } from '../../strings/en.ts';
import { fakeCapabilities } from '../../test-support/fake-capabilities.ts';
import { checkForm, emptyForm, type Form } from './form.ts';

const docker: Form = { ...emptyForm, engine: 'docker', source: 'image', image: 'busybox' };
const check = (part: Partial<Form>) =>
  checkForm({ ...docker, ...part }, { capabilities: fakeCapabilities(), runtimes: [] }, en, (name) => name === 'taken');
const problems = (part: Partial<Form>) => Object.fromEntries(check(part).problems);

it('makes a spec of what was typed', () => {
  const { spec } = check({
    name: '  api ',
    command: `sh -c 'sleep 1'`,
    limits: {
      memoryBytes: '512 MiB',
      cpuCores: '0.5',
      wallTimeMs: '30 min',
      outputBytes: '10 MiB',
      fileSizeBytes: ' ',
    },
    network: 'full',
    ports: [{ key: 1, port: '8080', hostPort: '', protocol: 'tcp' }],
    env: [
      { key: 1, name: 'A', value: '1' },
      { key: 2, name: '', value: '' },
    ],
    ttl: '1 h',
  });
  expect(spec).toMatchObject({
    name: 'api',
    source: { type: 'image', reference: 'busybox' },
    command: ['sh', '-c', 'sleep 1'],
    limits: { memoryBytes: 512 * 1024 ** 2, cpuCores: 0.5, wallTimeMs: 1_800_000, outputBytes: 10 * 1024 ** 2 },
    network: { mode: 'full' },
    ports: [{ port: 8080, protocol: 'tcp' }],
    env: { A: '1' },
    ttlMs: 3_600_000,
  });
  expect(spec?.limits).not.toHaveProperty('fileSizeBytes');
});

it('asks for nothing that was not typed', () => {
  expect(check({}).spec).toEqual({
    engine: 'docker',
    source: { type: 'image', reference: 'busybox' },
    limits: {},
    env: {},
    mounts: [],
    ports: [],
  });
});

describe('a problem stands at its field', () => {
  it.each<[string, Partial<Form>, string]>([
    ['limits.memoryBytes', { limits: { memoryBytes: 'much' } }, en.create.notASize],
    ['limits.memoryBytes', { limits: { memoryBytes: '1 MiB' } }, 'at least 6 MiB'],
    ['limits.wallTimeMs', { limits: { wallTimeMs: '5 MiB' } }, en.create.notATime],
    ['limits.outputBytes', { limits: { outputBytes: '10 s' } }, en.create.notASize],
    ['limits.outputBytes', { limits: { outputBytes: '10 B' } }, 'at least 1 KiB'],
    ['limits.openFiles', { limits: { openFiles: '1.5' } }, 'must be a whole number'],
    ['limits.memoryBytes', { limits: { memoryBytes: '9e9 TiB' } }, en.create.notASize],
    ['limits.memoryBytes', { limits: { memoryBytes: '99999999 TiB' } }, 'is too large'],
    ['limits.fuel', { limits: { fuel: '0' } }, 'at least 1'],
    ['limits.cpuCores', { limits: { cpuCores: '-1' } }, 'at least 0.01 cores'],
    ['limits.cpuCores', { limits: { cpuCores: '0,5' } }, en.create.decimalPoint],
    ['limits.memoryBytes', { limits: { memoryBytes: '1,5 GiB' } }, en.create.decimalPoint],
    ['source', { image: 'a'.repeat(600) }, 'at most 512 characters'],
    ['source', { image: '' }, 'must not be empty'],
    ['source', { image: 'UPPER case' }, 'must look like'],
    ['source', { source: 'directory', folder: 'relative' }, 'must be an absolute path'],
    ['command', { command: `echo 'open` }, en.create.unclosedQuote],
    ['name', { name: 'a\u202eb' }, 'invisible'],
    [
      'ports.0.port',
      { network: 'full', ports: [{ key: 1, port: '99999', hostPort: '', protocol: 'tcp' }] },
      'between 1',
    ],
    [
      'ports.0.hostPort',
      { network: 'full', ports: [{ key: 1, port: '80', hostPort: 'x', protocol: 'tcp' }] },
      'number',
    ],
    ['env.0', { env: [{ key: 1, name: '1BAD', value: '' }] }, 'letters, digits'],
    ['env.1', { env: ['A', 'A'].map((name, key) => ({ key, name, value: '' })) }, en.create.envTwice],
    ['mounts.0.path', { mounts: [{ key: 1, hostPath: '/a', path: '/a/../b', readOnly: true }] }, '..'],
    ['network.hosts', { network: 'allowlist', hosts: 'http://x' }, 'host name'],
    ['workdir', { workdir: 'relative' }, 'absolute'],
    ['ttlMs', { ttl: 'soon' }, en.create.notATime],
  ])('%s of %j', (field, part, message) => {
    expect(problems(part)[field]).toContain(message);
    expect(check(part).spec).toBeNull();
  });
});

describe('what the engine refuses is said before it is asked', () => {
  it('a limit that it does not have', () => {
    expect(problems({ limits: { diskBytes: '1 GiB' } })['limits.diskBytes']).toBe(
      'the docker engine does not support a limit on disk space',
    );
  });

  it('best effort, unless it was allowed', () => {
    const limits = { processes: '10' };
    const said = problems({ limits })['limits.processes'] ?? '';
    expect(said).toContain('can only try to hold a limit on processes (through rlimits)');
    // The words of the checkbox, so that it is found.
    expect(said).toContain('accept best effort');
    expect(en.create.bestEffort).toMatch(/^Accept best effort/);
    expect(check({ limits, allowBestEffort: true }).spec).not.toBeNull();
  });

  it('ports without a network', () => {
    expect(problems({ ports: [{ key: 1, port: '80', hostPort: '', protocol: 'tcp' }] }).ports).toContain('network');
  });
});

it('says while one types that a name is taken', () => {
  expect(problems({ name: ' taken ' })).toEqual({ name: 'is the name of another sandbox' });
  expect(problems({ name: 'free' })).toEqual({});
});

it('leaves out what is configured, and checks it with the rest', () => {
  const offer = (fuel: number | undefined) => ({
    capabilities: fakeCapabilities(),
    runtimes: [],
    configured: {
      image: 'debian:12',
      limits: { memoryBytes: 64 * 1024 ** 2, ...(fuel === undefined ? {} : { fuel }) },
    },
  });
  const form = { ...docker, image: ' ' };
  const { spec } = checkForm(form, offer(undefined), en, () => false);
  expect(spec).not.toHaveProperty('source');
  expect(spec?.limits).toEqual({});
  const { problems: found } = checkForm(form, offer(5), en, () => false);
  expect([...found.keys()]).toEqual(['limits.fuel']);
});
