import { describe, expect, it } from 'vitest';
import { joinArguments, makeArguments } from './command-line.ts';
import { behind, type Mount, mountArguments, moved } from './mount-plan.ts';

const plan: readonly Mount[] = [
  { type: 'bind', source: '/usr', path: '/usr', readOnly: true },
  { type: 'link', target: 'usr/bin', path: '/bin' },
  { type: 'memory', path: '/tmp', mode: '1777', bytes: 1000 },
  { type: 'bind', source: '/home/u/project', path: '/workspace', readOnly: false },
  { type: 'memory', path: '/workspace/.ssh', mode: '0000', bytes: 4096, readOnly: true },
  { type: 'seal', path: '/' },
];
const tools = {
  bwrap: '/usr/bin/bwrap',
  nsenter: '/usr/bin/nsenter',
  unshare: '/usr/bin/unshare',
  prlimit: '/usr/bin/prlimit',
  mount: '/bin/mount',
  slirp: null,
};
const box = { first: { pid: 12, startTime: 1 }, monitor: { pid: 11, startTime: 1 } };
const command = { workdir: '/workspace', argv: ['echo', '--share-net'] };
const make = (processes?: number) => makeArguments(tools, { plan, hostname: 'box' }, { ...command, processes });
const join = (processes?: number) => joinArguments(tools, box, { ...command, processes });

describe('a mount plan', () => {
  it('is told to bwrap in its order', () => {
    expect(plan.flatMap(mountArguments).join(' ')).toBe(
      '--ro-bind /usr /usr --symlink usr/bin /bin --perms 1777 --size 1000 --tmpfs /tmp' +
        ' --bind /home/u/project /workspace --perms 0000 --size 4096 --tmpfs /workspace/.ssh' +
        ' --remount-ro /workspace/.ssh --remount-ro /',
    );
  });

  it.each([
    ['/usr/bin/env', '/usr/bin/env'],
    ['/workspace', '/home/u/project'],
    ['/workspace/src/a', '/home/u/project/src/a'],
    ['/workspace/.ssh/key', null],
    ['/tmp/x', null],
    ['/usrx', null],
  ])('knows what is behind %s', (path, expected) => expect(behind(plan, path)).toBe(expected));

  it.each([
    ['/a/b', '/a', '/x', '/x/b'],
    ['/a', '/a', '/x', '/x'],
    ['/a/b', '/', '/x', '/x/a/b'],
    ['/a/b', '/a', '/', '/b'],
  ])('sees %s of %s in %s as %s', (path, from, to, expected) => expect(moved(path, from, to)).toBe(expected));
});

describe('the command line', () => {
  it('shares no namespace, drops everything, and is tied to what started it', () => {
    const options = make().slice(0, make().lastIndexOf('--'));
    for (const option of ['--unshare-all', '--as-pid-1', '--die-with-parent', '--seccomp', '--cap-drop']) {
      expect(options).toContain(option);
    }
    expect(options.join(' ')).toContain('--cap-drop ALL');
    expect(options.filter((option) => option.startsWith('--share') || option === '--cap-add')).toEqual([]);
  });

  it('takes nothing of a program for an option of its own', () => {
    for (const line of [make(), join()]) expect(line.slice(-4)).toEqual([...line.slice(-4, -2), 'echo', '--share-net']);
    expect(make().at(-5)).toBe('--');
  });

  it('joins every namespace by way of the outer user namespace, and filters again', () => {
    const line = join().join(' ');
    for (const name of ['mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup']) expect(line).toContain(`/proc/12/ns/${name}`);
    expect(line).toContain('--user=/proc/11/ns/user');
    expect(line).toContain('bwrap --unshare-user --uid 65534 --gid 65534');
    expect(line).toContain('--cap-drop ALL --seccomp 3');
  });

  it('limits processes in the outer user namespace, where no cgroup does', () => {
    expect(make(10).join(' ')).toContain('--map-root-user -- /usr/bin/prlimit --nproc=13:13 -- /usr/bin/bwrap');
    expect(join(10).join(' ')).toContain('--preserve-credentials -- /usr/bin/prlimit --nproc=13:13 -- /usr/bin/bwrap');
    expect([...make(), ...join()].join(' ')).not.toContain('nproc');
  });
});
