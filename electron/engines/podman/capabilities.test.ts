import { expect, it } from 'vitest';
import { podmanCapabilities, usualPodman } from './capabilities.ts';

const powerless = { ...usualPodman, cgroupVersion: 1, memory: false, cpu: false, pids: false, freezer: false } as const;

it('promises nothing that rootless Podman does not hold on cgroup v1', () => {
  const { limits, features, profiles } = podmanCapabilities(powerless);
  for (const capability of [
    limits.memoryBytes,
    limits.cpuCores,
    limits.processes,
    features.pause,
    features.updateLimits,
  ]) {
    expect(capability).toMatchObject({ support: 'unsupported', note: expect.stringContaining('cgroup v1') });
  }
  expect(limits.openFiles.support).toBe('enforced');
  expect(profiles.standard).toMatchObject({ support: 'enforced', note: expect.stringContaining('without a bound') });
});

it('holds limits rootless on cgroup v2, as far as controllers were handed over', () => {
  const { limits, features } = podmanCapabilities({ ...usualPodman, cpu: false });
  expect(limits.memoryBytes.support).toBe('enforced');
  expect(limits.cpuCores).toMatchObject({ support: 'unsupported', note: expect.stringContaining('handed') });
  expect(features.pause.support).toBe('enforced');
});

it('offers user namespaces where ids are set aside for them', () => {
  expect(podmanCapabilities(usualPodman).features.userns.support).toBe('enforced');
  const root = { ...usualPodman, rootless: false };
  expect(podmanCapabilities(root).features.userns.note).toContain('auto');
  expect(podmanCapabilities({ ...root, subordinateIds: false }).features.userns.support).toBe('unsupported');
});

it('has no network where nothing gives each sandbox its own', () => {
  expect(podmanCapabilities({ ...usualPodman, fullNetwork: null }).network.full.support).toBe('unsupported');
});

it('cannot change limits before 4.3', () => {
  expect(podmanCapabilities({ ...usualPodman, canUpdate: false }).features.updateLimits.support).toBe('unsupported');
});
