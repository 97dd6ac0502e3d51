import type Dockerode from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toAppError } from '../oci/errors.ts';
import type { HostConfig } from '../oci/host-config.ts';
import { deviations, type Expectation } from '../oci/verify.ts';
import { type Bench, createBench, describeDocker, PORT_RANGE } from './test-support.ts';

type Info = Dockerode.ContainerInspectInfo;
type Tampering = (info: Info) => Partial<HostConfig> & { readonly User?: string };

await describeDocker('docker: the check of what the daemon made', () => {
  let bench: Bench;
  let info: Info;
  let expected: Expectation;
  beforeAll(async () => {
    bench = await createBench();
    const object = await bench.create({
      limits: { memoryBytes: 64 * 1024 * 1024, openFiles: 100, cpuTimeMs: 5000 },
      allowBestEffort: true,
    });
    info = (await bench.engine.inspectRaw(object.ref)) as Info;
    const { owned, workspace } = object;
    if (!owned) throw new Error('it is ours');
    expected = {
      request: { ...owned, directory: '', portRange: PORT_RANGE },
      ports: [],
      mounts: [],
      user: info.Config.User,
      workspace,
      network: 'none',
      swapLimit: true,
      pidsLimit: true,
      privateCgroups: true,
      ownKernel: false,
    };
  });
  afterAll(() => bench.dispose());

  it('finds nothing wrong with what was promised', () => {
    expect(deviations(info, expected)).toEqual([]);
  });

  it.each<[string, Tampering]>([
    ['it is privileged', () => ({ Privileged: true })],
    ['capabilities were added', () => ({ CapAdd: ['SYS_ADMIN'] })],
    ['capabilities were not dropped', () => ({ CapDrop: null })],
    ['devices were passed in', () => ({ Devices: [{ PathOnHost: '/dev/kvm' }] })],
    ['it shares a pid namespace', () => ({ PidMode: 'host' })],
    ['it shares a ipc namespace', () => ({ IpcMode: 'host' })],
    ['it shares a network namespace', () => ({ NetworkMode: 'container:x' })],
    ['its network differs', () => ({ NetworkMode: 'bridge' })],
    ['its published ports differ', () => ({ PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '80' }] } })],
    ['a protection was switched off', () => ({ SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] })],
    ['it may gain privileges', () => ({ SecurityOpt: [] })],
    ['its root is writable', () => ({ ReadonlyRootfs: false })],
    ['its mounts differ', () => ({ Binds: ['/:/host'] })],
    ['its process limit differs', () => ({ PidsLimit: 0 })],
    ['its memory limit differs', () => ({ Memory: 0 })],
    ['its swap limit differs', () => ({ MemorySwap: -1 })],
    ['its open-file, file-size or CPU-time limit differs', () => ({ Ulimits: [] })],
    [
      'its open-file, file-size or CPU-time limit differs',
      ({ HostConfig }) => ({ Ulimits: HostConfig.Ulimits?.filter(({ Name }) => Name !== 'cpu') }),
    ],
    ['it shares a cgroup namespace', () => ({ CgroupnsMode: 'host' })],
    ['its /proc is not masked', () => ({ MaskedPaths: [] })],
    ['its /proc is not read-only', () => ({ ReadonlyPaths: [] })],
    ['its log is not bounded', () => ({ LogConfig: { Type: 'json-file', Config: {} } })],
    ['its temporary folders are not bounded', () => ({ Tmpfs: { '/tmp': 'rw' } })],
    ['its user differs', () => ({ User: 'root' })],
  ])('notices when %s', (what, tamper) => {
    const { User = info.Config.User, ...host } = tamper(info);
    const changed = { ...info, Config: { ...info.Config, User }, HostConfig: { ...info.HostConfig, ...host } };
    expect(deviations(changed, expected)).toContain(what);
  });

  it('notices that another runtime was taken than asked for', () => {
    const request = { ...expected.request, spec: { ...expected.request.spec, runtime: 'runsc' } };
    expect(deviations(info, { ...expected, request })).toContain('its runtime differs');
  });

  it('calls a daemon with the wrong certificate unavailable', () => {
    const error = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(toAppError(error, 'Docker', 'list')).toMatchObject({ code: 'engine_unavailable' });
  });
});
