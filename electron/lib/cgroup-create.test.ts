import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cgroup, cgroupProcesses, parseCgroupMounts } from './cgroup.ts';
import { readCgroupCounters } from './cgroup-counters.ts';
import {
  cgroupEntries,
  cgroupStrikes,
  controls,
  createCgroup,
  freezeCgroup,
  limitCgroup,
  removeCgroup,
  thawCgroup,
} from './cgroup-create.ts';
import { findCgroupHome } from './cgroup-home.ts';

const MIB = 1024 * 1024;
const uid = process.getuid?.() ?? -1;
const mountinfo = process.platform === 'linux' ? readFileSync('/proc/self/mountinfo', 'utf8') : '';
const mounts = parseCgroupMounts(mountinfo);
const onlyV2 = { v1: new Map(), v2: mounts.v2 };

const foldersOf = (cgroup: Cgroup) => (cgroup.version === 2 ? [cgroup.folder] : [...new Set(cgroup.folders.values())]);

/** Runs a shell script in a cgroup; gives how it ended and what it said. */
async function runIn(cgroup: Cgroup, script: string) {
  const { early, late } = cgroupEntries(cgroup);
  const enter = [...early, ...late].map((procs) => `echo 0 >'${procs}' || exit 125`).join('\n');
  const child = spawn('/bin/sh', ['-c', `${enter}\n${script}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, output };
}

const hierarchies = [
  { name: 'the hierarchies of this system', found: await findCgroupHome(uid, mounts) },
  { name: 'v2 alone', found: await findCgroupHome(uid, onlyV2) },
].flatMap(({ name, found: { home } }) => (home ? [{ name, home }] : []));

describe.each(hierarchies)('cgroups in $name', ({ home }) => {
  let count = 0;
  const made: Cgroup[] = [];
  const make = () => {
    count += 1;
    const cgroup = createCgroup(home, `test-${process.pid}-${count}`);
    made.push(cgroup);
    return cgroup;
  };
  afterEach(async () => {
    for (const cgroup of made.splice(0)) await removeCgroup(cgroup);
  });
  const itWith = (controller: string, title: string, body: () => void | Promise<void>) => {
    if (home.controllers.has(controller)) it(title, body);
  };

  it('hold the limits whose controllers are there', () => {
    const cgroup = make();
    const held = [controls(cgroup, 'memoryBytes'), controls(cgroup, 'cpuCores'), controls(cgroup, 'processes')];
    expect(held).toEqual(['memory', 'cpu', 'pids'].map((controller) => home.controllers.has(controller)));
  });

  it('are made, entered and removed, also when something has just ended in them', async () => {
    const cgroup = make();
    expect((await runIn(cgroup, 'sleep 0.01 & exit 0')).code).toBe(0);
    await removeCgroup(cgroup);
    expect(foldersOf(cgroup).filter((folder) => existsSync(folder))).toEqual([]);
  });

  itWith('freezer', 'stand still and go on', async () => {
    const cgroup = make();
    const running = runIn(cgroup, 'read line </dev/zero; while :; do :; done');
    while (cgroupProcesses(cgroup).length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await freezeCgroup(cgroup);
    const pid = cgroupProcesses(cgroup)[0] ?? 0;
    const cpu = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).join(' ');
    const before = cpu();
    // Long enough for others to get on: this very process does.
    const own = process.cpuUsage();
    while (process.cpuUsage(own).user < 50_000);
    expect(cpu()).toBe(before);
    thawCgroup(cgroup);
    thawCgroup(cgroup);
    process.kill(pid, 'SIGKILL');
    expect((await running).signal).toBe('SIGKILL');
  });

  itWith('memory', 'kill what takes too much memory, and count it', async () => {
    const cgroup = make();
    limitCgroup(cgroup, { memoryBytes: 32 * MIB });
    expect(readCgroupCounters(cgroup)?.memoryLimitBytes).toBe(32 * MIB);
    const { output } = await runIn(cgroup, 'head -c 200000000 /dev/zero | tail >/dev/null; echo $?');
    expect(output.trim()).toBe('137');
    expect(cgroupStrikes(cgroup).memoryBytes).toBeGreaterThan(0);
  });

  itWith('memory', 'take a higher and a lower limit of memory while they are used', () => {
    const cgroup = make();
    for (const memoryBytes of [64 * MIB, 128 * MIB, 32 * MIB]) {
      limitCgroup(cgroup, { memoryBytes });
      expect(readCgroupCounters(cgroup)?.memoryLimitBytes).toBe(memoryBytes);
    }
  });

  itWith('pids', 'refuse more processes than the limit, and count that', async () => {
    const cgroup = make();
    limitCgroup(cgroup, { processes: 4 });
    const { code } = await runIn(cgroup, 'for n in 1 2 3 4 5 6; do sleep 0.2 & done 2>/dev/null; wait; exit 0');
    expect(code).not.toBe(0);
    expect(cgroupStrikes(cgroup).processes).toBeGreaterThan(0);
  });

  itWith('cpu', 'hold a share of the CPU', async () => {
    const cgroup = make();
    limitCgroup(cgroup, { cpuCores: 0.1 });
    await runIn(cgroup, 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done');
    const folder = cgroup.version === 2 ? cgroup.folder : (cgroup.folders.get('cpu') ?? '');
    expect(readFileSync(join(folder, 'cpu.stat'), 'utf8')).toMatch(/nr_throttled [1-9]/);
  });
});

describe('limits in files of cgroup v2, also where this system has v1', () => {
  const read = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8');

  it('are written as the kernel takes them, and swap is off where there is swap', () => {
    const folder = mkdtempSync(join(tmpdir(), 'terrarium-cgroup-'));
    try {
      const cgroup = createCgroup({ version: 2, folder, controllers: new Set() }, 'one');
      limitCgroup(cgroup, { memoryBytes: 64 * MIB, cpuCores: 0.25, processes: 7 });
      const files = ['memory.max', 'cpu.max', 'pids.max'].map((file) => read(join(folder, 'one'), file));
      expect(files).toEqual([String(64 * MIB), '25000 100000', '7']);
      expect(existsSync(join(folder, 'one/memory.swap.max'))).toBe(false);
      writeFileSync(join(folder, 'one/memory.swap.max'), 'max');
      limitCgroup(cgroup, { memoryBytes: MIB });
      expect(read(join(folder, 'one'), 'memory.swap.max')).toBe('0');
      writeFileSync(join(folder, 'one/memory.events'), 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\n');
      writeFileSync(join(folder, 'one/pids.events'), 'max 5\n');
      expect(cgroupStrikes(cgroup)).toEqual({ memoryBytes: 2, processes: 5 });
      rmSync(join(folder, 'one/pids.events'));
      expect(cgroupStrikes(cgroup)).toEqual({ memoryBytes: 2, processes: null });
      expect(cgroupEntries(cgroup)).toEqual({ early: [], late: [join(folder, 'one/cgroup.procs')] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('says why when no cgroup can be had', async () => {
  const { home, reason } = await findCgroupHome(uid, { v1: new Map(), v2: null });
  expect(home).toBeNull();
  expect(reason).toContain('no cgroup');
});
