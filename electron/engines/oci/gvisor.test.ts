import { describe, expect, it } from 'vitest';
import { capabilitiesOf, usualAbilities } from './capabilities.ts';
import { findGvisor, gvisorRuntime } from './gvisor.ts';

describe('finds gVisor among the runtimes of a daemon', () => {
  it('by its program, whatever it is called', () => {
    const runtimes = {
      runc: { path: 'runc' },
      runsc: { path: '/usr/bin/runsc', runtimeArgs: ['--platform=ptrace'] },
      safe: { path: '/opt/gvisor/runsc' },
      'io.containerd.runc.v2': { path: 'runc' },
    };
    expect(findGvisor(runtimes)).toEqual([
      { name: 'runsc', args: ['--platform=ptrace'] },
      { name: 'safe', args: [] },
    ]);
  });

  it('by its shim', () => {
    expect(findGvisor({ gvisor: { runtimeType: 'io.containerd.runsc.v1' } })).toEqual([{ name: 'gvisor', args: [] }]);
  });

  it('but not one that a spec could not name, nor in an answer of another shape', () => {
    expect(findGvisor({ 'Run SC': { path: '/usr/bin/runsc' } })).toEqual([]);
    expect(findGvisor(undefined)).toEqual([]);
    expect(findGvisor(['runsc'])).toEqual([]);
  });
});

describe('says of gVisor', () => {
  const usual = capabilitiesOf(usualAbilities);
  const capabilities = (args: readonly string[], checkpoints: boolean) =>
    gvisorRuntime({ name: 'runsc', args }, { usual, checkpoints, local: true }).capabilities;

  it('that a kernel isolates it, and that some limits cannot be held', () => {
    const { isolation, limits, features } = capabilities([], false);
    expect(isolation).toBe('kernel');
    expect(limits.processes.support).toBe('unsupported');
    expect(limits.memoryBytes.support).toBe('enforced');
    expect(features.updateLimits.support).toBe('unsupported');
  });

  it('that it has a network only where the daemon gives it one', () => {
    expect(capabilities([], false).network.full.support).toBe('enforced');
    const offline = capabilities(['--network=none'], false);
    expect([offline.network.full.support, offline.features.ports.support]).toEqual(['unsupported', 'unsupported']);
    expect(offline.network.none.support).toBe('enforced');
  });

  it('that it is saved only where the daemon can do that', () => {
    expect(capabilities([], true).features.snapshots.support).toBe('enforced');
    expect(capabilities([], false).features.snapshots).toMatchObject({
      support: 'unsupported',
      note: expect.stringContaining('experimental'),
    });
  });

  it('nothing better than what the usual runtime can hold', () => {
    const weak = capabilitiesOf({ ...usualAbilities, memory: false, cpu: false });
    const { limits } = gvisorRuntime(
      { name: 'runsc', args: [] },
      { usual: weak, checkpoints: false, local: true },
    ).capabilities;
    expect([limits.memoryBytes.support, limits.cpuCores.support]).toEqual(['unsupported', 'unsupported']);
  });
});
