import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { sandboxSpecSchema } from '../../../shared/model/spec.ts';
import type { Cgroup } from '../../lib/cgroup.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { sandboxPaths } from '../local/manifest.ts';
import { createAccounting } from './accounting.ts';
import { boxPaths, prepareBox, writeCgroup } from './box.ts';

const MIB = 1024 * 1024;
const id = sandboxIdSchema.parse('sbx_0123456789abcdef');
const { updateLimits } = createAccounting();

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'terrarium-accounting-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Running, with a cgroup of that kind, whose files are plain ones here. */
async function runningIn(cgroup: Cgroup): Promise<LocalSandbox> {
  const paths = sandboxPaths(home, 'namespace', id);
  const spec = sandboxSpecSchema.parse({
    name: 'held',
    engine: 'namespace',
    source: { type: 'empty' },
    limits: {},
    network: { mode: 'none' },
    profile: 'standard',
  });
  const sandbox: LocalSandbox = {
    id,
    paths,
    manifest: {
      version: 1,
      owner: 'test',
      id,
      generation: 1,
      spec,
      workspace: paths.workspace,
      mark: 1,
      state: 'running',
      createdAt: 1,
      startedAt: 1,
      stoppedAt: null,
      exit: null,
      main: null,
      ports: [],
      boot: null,
    },
  };
  await prepareBox(boxPaths(sandbox));
  await writeCgroup(boxPaths(sandbox), cgroup);
  return sandbox;
}

it('of cgroup v1, a limit whose hierarchy is not ours is refused, and nothing else is changed with it', async () => {
  const memory = join(home, 'memory');
  mkdirSync(memory);
  const sandbox = await runningIn({ version: 1, folders: new Map([['memory', memory]]) });
  await expect(updateLimits(sandbox, { memoryBytes: 64 * MIB, cpuCores: 1 })).rejects.toMatchObject({
    code: 'unsupported',
    details: { field: 'limits.cpuCores' },
  });
  expect(() => readFileSync(join(memory, 'memory.limit_in_bytes'))).toThrow('ENOENT');
  await updateLimits(sandbox, { memoryBytes: 64 * MIB });
  expect(readFileSync(join(memory, 'memory.limit_in_bytes'), 'utf8')).toBe(String(64 * MIB));
});

it('of cgroup v2, a limit whose controller is not handed on is refused', async () => {
  const folder = join(home, 'cgroup');
  mkdirSync(folder);
  writeFileSync(join(folder, 'pids.max'), 'max');
  const sandbox = await runningIn({ version: 2, folder });
  await expect(updateLimits(sandbox, { memoryBytes: 64 * MIB })).rejects.toMatchObject({
    code: 'unsupported',
    details: { field: 'limits.memoryBytes' },
  });
  await updateLimits(sandbox, { processes: 5 });
  // PID 1 and its sleep, which are no programs of the sandbox.
  expect(readFileSync(join(folder, 'pids.max'), 'utf8')).toBe('7');
});
