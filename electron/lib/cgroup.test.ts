import { describe, expect, it } from 'vitest';
import { findCgroup, parseCgroupMounts, parseMembership } from './cgroup.ts';

const HYBRID_MOUNTS = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
const V2_MOUNTS = `24 30 0:22 / /proc rw - proc proc rw
29 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
`;
const V1_MEMBERSHIP = `8:pids:/docker/6c44
4:memory:/docker/6c44
1:cpu,cpuacct:/docker/6c44
9:name=systemd:/docker/6c44
0::/docker/6c44
`;

describe('cgroup mounts', () => {
  it('finds every controller of a hybrid system, and its v2 side', () => {
    const mounts = parseCgroupMounts(HYBRID_MOUNTS);
    expect(mounts.v1.get('cpuacct')).toEqual({ root: '/', path: '/sys/fs/cgroup/cpu,cpuacct' });
    expect(mounts.v1.get('memory')?.path).toBe('/sys/fs/cgroup/memory');
    expect(mounts.v2?.path).toBe('/sys/fs/cgroup/unified');
  });

  it('reads paths with escaped spaces', () => {
    const line = '29 24 0:26 / /mnt/my\\040groups rw - cgroup2 cgroup2 rw';
    expect(parseCgroupMounts(line).v2?.path).toBe('/mnt/my groups');
  });
});

describe('the cgroup of a process', () => {
  it('is v1 where the controllers are v1’s', () => {
    const cgroup = findCgroup(V1_MEMBERSHIP, parseCgroupMounts(HYBRID_MOUNTS));
    expect(cgroup?.version === 1 && cgroup.folders.get('cpuacct')).toBe('/sys/fs/cgroup/cpu,cpuacct/docker/6c44');
  });

  it('is v2 on a system that has nothing else', () => {
    const cgroup = findCgroup('0::/system.slice/docker-6c44.scope\n', parseCgroupMounts(V2_MOUNTS));
    expect(cgroup).toEqual({ version: 2, folder: '/sys/fs/cgroup/system.slice/docker-6c44.scope' });
  });

  it('is found where the mount shows a part of the hierarchy only', () => {
    const mounts = parseCgroupMounts('29 24 0:26 /outer /sys/fs/cgroup rw - cgroup2 cgroup2 rw');
    expect(findCgroup('0::/outer/docker/6c44', mounts)).toEqual({ version: 2, folder: '/sys/fs/cgroup/docker/6c44' });
  });

  it('is unknown where no hierarchy is mounted', () => {
    expect(findCgroup('0::/docker/6c44', parseCgroupMounts(''))).toBeNull();
  });

  it('may have a colon in its path', () => {
    expect(parseMembership('0::/a:b/c').get('')).toBe('/a:b/c');
  });
});
