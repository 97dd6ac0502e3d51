import { expect, it } from 'vitest';
import { type Capability, type EngineOffer, features } from '../../../shared/model/engine.ts';
import { toAppError } from '../../../shared/model/error.ts';
import { limitNames } from '../../../shared/model/limits.ts';
import { networkModes, profiles, type SandboxSpecInput, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { refuseUnsupported } from './resolve-spec.ts';

const every = <K extends string>(names: readonly K[], support: Capability['support']) =>
  Object.fromEntries(names.map((name) => [name, { support }])) as Record<K, Capability>;
const enforced: EngineOffer['capabilities'] = {
  isolation: 'container',
  limits: every(limitNames, 'enforced'),
  network: every(networkModes, 'enforced'),
  profiles: every(profiles, 'enforced'),
  features: every(features, 'enforced'),
  sources: ['image'],
  defaults: { network: { mode: 'none' }, profile: 'standard' },
};
const runsc = { name: 'runsc', title: 'gVisor', tradeOff: '' };
const offer: EngineOffer = {
  capabilities: { ...enforced, limits: { ...enforced.limits, memoryBytes: { support: 'best-effort' } } },
  runtimes: [
    { ...runsc, capabilities: { ...enforced, limits: { ...enforced.limits, processes: { support: 'unsupported' } } } },
  ],
};

function refusal(part: Partial<SandboxSpecInput>) {
  const network = { mode: 'none' };
  const source = { type: 'image', reference: 'busybox' };
  const spec = { engine: 'docker', name: 'a', source, network, profile: 'standard', ...part };
  try {
    refuseUnsupported(sandboxSpecSchema.parse(spec), offer);
  } catch (error) {
    return toAppError(error);
  }
  throw new Error('it was not refused');
}

it('names the runtime that cannot do what the engine can', () => {
  const { message } = refusal({ runtime: 'runsc', limits: { processes: 10 } });
  expect(message).toBe('the docker engine with gVisor does not support a limit on processes');
});

it('speaks of best effort only where accepting it helps', () => {
  expect(refusal({ limits: { memoryBytes: 1e8 } }).hint).toContain('allowBestEffort');
  expect(refusal({ ports: [{ port: 80 }] }).hint).not.toContain('allowBestEffort');
  expect(refusal({ runtime: 'runsc', limits: { processes: 10 } }).hint).not.toContain('allowBestEffort');
});
