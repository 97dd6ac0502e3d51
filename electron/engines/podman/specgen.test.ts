import { describe, expect, it } from 'vitest';
import { inDockersWords } from './describe.ts';
import { resourcesOf, specOf } from './specgen.ts';

describe('a container in the words of Podman’s own API', () => {
  it('gives the whole command, so that nothing of the image’s own is left', () => {
    expect(specOf({ Entrypoint: [], Cmd: ['sh', '-c', 'true'] })).toMatchObject({
      entrypoint: ['sh'],
      command: ['-c', 'true'],
    });
    expect(specOf({})).not.toHaveProperty('entrypoint');
  });

  it('names signals by number, a log by its bytes, and a seccomp profile by its path', () => {
    const LogConfig = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } };
    const SecurityOpt = ['no-new-privileges', 'seccomp=/etc/profile.json'];
    expect(specOf({ StopSignal: 'SIGHUP', HostConfig: { LogConfig, SecurityOpt } })).toMatchObject({
      stop_signal: 1,
      log_configuration: { driver: 'k8s-file', size: 30 * 1024 * 1024 },
      no_new_privileges: true,
      seccomp_profile_path: '/etc/profile.json',
    });
    expect(specOf({ HostConfig: { SecurityOpt: ['no-new-privileges'] } })).not.toHaveProperty('seccomp_profile_path');
  });

  it('has folders in memory with the bound that was asked for and no other', () => {
    const Tmpfs = { '/tmp': 'rw,size=1024,mode=1777,uid=1000,gid=1000', '/var/cache': 'rw,size=1024' };
    expect(specOf({ HostConfig: { Tmpfs, ReadonlyRootfs: true } })).toMatchObject({
      read_only_filesystem: true,
      read_write_tmpfs: false,
      mounts: [
        { type: 'tmpfs', destination: '/tmp', options: ['rw', 'size=1024', 'mode=1777', 'U', 'notmpcopyup'] },
        { type: 'tmpfs', destination: '/var/cache', options: ['rw', 'size=1024', 'notmpcopyup'] },
      ],
    });
  });

  it('publishes ports where Docker would', () => {
    const PortBindings = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] };
    expect(specOf({ HostConfig: { PortBindings } }).portmappings).toEqual([
      { container_port: 80, host_port: 8080, host_ip: '127.0.0.1', protocol: 'tcp' },
    ]);
  });

  it('limits open files and processes also where nobody asked, to what may be', () => {
    const limits = specOf({ HostConfig: { Ulimits: [{ Name: 'nofile', Soft: 5, Hard: 6 }] } }).r_limits;
    expect(limits).toContainEqual({ type: 'nofile', soft: 5, hard: 6 });
    if (process.platform === 'linux') expect(limits).toContainEqual(expect.objectContaining({ type: 'nproc' }));
  });

  it('never lets memory grow into swap', () => {
    expect(resourcesOf({ Memory: 100, MemorySwap: 100, NanoCpus: 250_000_000, PidsLimit: 7 })).toEqual({
      memory: { limit: 100, swap: 100 },
      cpu: { period: 100_000, quota: 25_000 },
      pids: { limit: 7 },
    });
  });
});

describe('what Podman tells, in Docker’s words', () => {
  const told = (host: object, caps: readonly string[] | null = null) => ({
    EffectiveCaps: caps,
    BoundingCaps: caps,
    Config: {},
    Mounts: [{ Type: 'bind', Source: '/a', Destination: '/b', RW: true }],
    HostConfig: { LogConfig: { Size: '10MB' }, ...host },
  });
  const hostOf = (host: object, userns?: 'auto' | 'keep-id' | 'nomap', caps: readonly string[] | null = null) =>
    inDockersWords(told(host, caps), { userns }).HostConfig;

  it('counts capabilities that are left, not those that were taken away', () => {
    expect(hostOf({ CapDrop: ['CAP_CHOWN'] }).CapDrop).toEqual(['ALL']);
    expect(hostOf({ CapDrop: ['CAP_CHOWN'] }, undefined, ['CAP_KILL']).CapDrop).toEqual(['CAP_CHOWN']);
  });

  it('shows a bind that is no mount', () => {
    expect(hostOf({ Binds: ['/a:/b:rw,rbind', '/etc:/etc:rw'] }).Binds).toEqual(['/etc:/etc:rw']);
  });

  it('knows a user namespace by what it maps', () => {
    const mapped = (...UidMap: readonly string[]) => ({ IDMappings: { UidMap, GidMap: UidMap } });
    const usernsOf = (host: object, wanted?: 'auto' | 'keep-id' | 'nomap') =>
      (hostOf(host, wanted) as { readonly UsernsMode?: string }).UsernsMode;
    expect(usernsOf({}, 'auto')).toBe('');
    expect(usernsOf(mapped('0:1:1000', '1000:0:1', '1001:1001:9'), 'keep-id')).toBe('keep-id');
    expect(usernsOf(mapped('0:1:1000', '1000:0:1'), 'auto')).toBe('keep-id');
    expect(usernsOf(mapped('0:1:1024'), 'auto')).toBe('auto');
    expect(usernsOf(mapped('0:1:65536'), 'nomap')).toBe('nomap');
    expect(usernsOf(mapped('0:0:1', '1:1:65536'), 'auto')).toBe('');
    expect(usernsOf({ UsernsMode: 'host' })).toBe('host');
  });
});
