import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OciClient } from '../oci/client.ts';
import { podmanCapabilities } from './capabilities.ts';
import { findRuntimes } from './runtimes.ts';

// Podman's answer is made up: it names what lies on this machine, and nobody wants broken runtimes there.
// gVisor as the usual runtime is not tried out, so nothing is asked of the client.

const client = { local: true } as OciClient;
const usual = podmanCapabilities({
  rootless: true,
  cgroupVersion: 2,
  memory: true,
  swap: true,
  cpu: true,
  cores: 1,
  pids: true,
  freezer: true,
  local: true,
  seccomp: true,
  fullNetwork: null,
  subordinateIds: true,
  canUpdate: true,
});
const find = (dockerInfo: unknown) =>
  findRuntimes(
    client,
    { url: 'unix:///nonexistent', origin: 'a test', tls: null },
    {
      version: '5.0',
      dockerInfo,
      usual,
    },
  );

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-runtimes-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('does without what it cannot read of a runtime, and says so', async () => {
  await mkdir(join(folder, 'runsc'));
  await mkdir(join(folder, 'crun'));
  const { facts, capabilities } = await find({
    DefaultRuntime: 'runsc',
    Runtimes: { runsc: { path: join(folder, 'runsc') }, crun: { path: join(folder, 'crun') } },
  });
  expect(capabilities.isolation).toBe('kernel');
  expect(facts).toEqual({ 'options of runsc': expect.stringContaining('EISDIR') });
});

it('knows the options in a script that stands for gVisor', async () => {
  await writeFile(join(folder, 'runsc'), '#!/bin/sh\nexec /nonexistent/runsc --ignore-cgroups "$@"\n', { mode: 0o755 });
  const { facts, capabilities } = await find({
    DefaultRuntime: 'runsc',
    Runtimes: { runsc: { path: join(folder, 'runsc') } },
  });
  expect(facts).toEqual({});
  expect(capabilities.limits.memoryBytes).toMatchObject({
    support: 'unsupported',
    note: expect.stringContaining('--ignore-cgroups'),
  });
});

it('tells in the user’s words that Podman’s answer is odd', async () => {
  await expect(find({ Runtimes: 'none' })).rejects.toMatchObject({ code: 'engine_unavailable' });
});
