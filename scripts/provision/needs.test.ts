import { expect, it } from 'vitest';
import { choosePackages, hasCgroups, howToGet, type Need } from './needs.ts';

const need = (name: string, ...packages: readonly string[]): Need => ({
  name,
  neededFor: 'a test',
  isMet: () => false,
  packages,
  elsewhere: `get ${name}`,
});

it('takes the first package that apt knows, each once', () => {
  const needs = [need('client', 'docker-cli', 'docker.io'), need('daemon', 'docker.io'), need('browser', 'chromium')];
  const known = new Set(['docker.io', 'chromium']);
  expect(choosePackages(needs, (name) => known.has(name))).toEqual({
    packages: ['docker.io', 'chromium'],
    unavailable: [],
  });
});

it('tells what no package brings', () => {
  const needs = [need('browser', 'chromium'), need('daemon', 'docker.io')];
  const chosen = choosePackages(needs, (name) => name === 'docker.io');
  expect(chosen.packages).toEqual(['docker.io']);
  expect(chosen.unavailable.map((missing) => missing.name)).toEqual(['browser']);
});

it('says what to type on Debian, and what to do elsewhere', () => {
  const debian = { isDebian: true, hasSystemd: true };
  expect(howToGet(need('b', 'chromium'), { ...debian, isRoot: false })).toMatch(
    /^get it with: sudo apt-get install .*chromium$/,
  );
  expect(howToGet(need('b', 'chromium'), { ...debian, isRoot: true })).toMatch(
    /^get it with: apt-get install .*chromium$/,
  );
  expect(howToGet(need('b', 'chromium'), { isDebian: false, hasSystemd: false, isRoot: false })).toBe('get b');
});

it('sees cgroups of both versions', () => {
  expect(hasCgroups('cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n')).toBe(true);
  expect(hasCgroups('cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n')).toBe(true);
  expect(hasCgroups('tmpfs /sys/fs/cgroup tmpfs rw 0 0\n')).toBe(false);
});
