import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSpec } from './spec-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-specs-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (name: string, text: string) => {
  const path = join(folder, name);
  await writeFile(path, text);
  return readSpec(path);
};

const wanted = {
  engine: 'docker',
  command: ['sleep', '10'],
  network: { mode: 'none' },
  limits: { memoryBytes: 256 * 1024 * 1024, wallTimeMs: 90_000, cpuCores: 0.5 },
  ttlMs: 3_600_000,
};

it.each([
  [
    'spec.yaml',
    'engine: docker\ncommand: [sleep, "10"]\nnetwork: none\nlimits: { memoryBytes: 256MiB, wallTimeMs: 90s, cpuCores: 0.5 }\nttlMs: 1h\n',
  ],
  [
    'spec.yml',
    'engine: docker\ncommand:\n  - sleep\n  - "10"\nnetwork: { mode: none }\nlimits:\n  memoryBytes: 268435456\n  wallTimeMs: 1.5min\n  cpuCores: 0.5\nttlMs: 60min\n',
  ],
  [
    'spec.toml',
    'engine = "docker"\ncommand = ["sleep", "10"]\nnetwork = "none"\nttlMs = "1h"\n[limits]\nmemoryBytes = "256MiB"\nwallTimeMs = "90s"\ncpuCores = 0.5\n',
  ],
  ['spec.json', JSON.stringify({ ...wanted, limits: { ...wanted.limits, memoryBytes: '256MiB' }, ttlMs: '1 h' })],
])('%s is read, with units', async (name, text) => {
  expect(await read(name, text)).toEqual(wanted);
});

it.each([
  ['twice.yaml', 'engine: docker\nengine: podman\n', 'Map keys must be unique at line 2, column 1'],
  ['open.yaml', 'command: [sleep\nenv: 1\n', 'at line 2, column 1'],
  ['tag.yaml', 'engine: !!js/function x\n', 'Unresolved tag: tag:yaml.org,2002:js/function at line 1, column 9'],
  ['alias.yaml', 'env: *other\n', 'Unresolved alias'],
  ['two.yaml', 'engine: docker\n---\nengine: podman\n', 'multiple documents'],
  ['list.yaml', '- docker\n', 'it holds no table of fields'],
  ['wrong.toml', 'engine = "docker"\nlimits = \n', 'at line 2'],
  ['twice.toml', 'engine = "docker"\nengine = "podman"\n', 'at line 2'],
  ['wrong.json', '{ "engine": }', 'Unexpected token'],
  ['none/at-all.yaml', null, 'ENOENT'],
])('%s is refused in one line that names it', async (name, text, why) => {
  const reading = text === null ? readSpec(join(folder, name)) : read(name, text);
  await expect(reading).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringMatching(/^The spec \S+ could not be read: [^\n]+$/),
  });
  await expect(reading).rejects.toThrow(why);
  await expect(reading).rejects.toThrow(name);
});

it('aliases that would fill the memory are refused', async () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [each, before] of ['ba', 'cb', 'dc', 'ed', 'fe'].map((pair) => [...pair])) {
    bomb.push(`${each}: &${each} [${Array(9).fill(`*${before}`).join(', ')}]`);
  }
  await expect(read('bomb.yaml', bomb.join('\n'))).rejects.toThrow('Excessive alias count');
});
