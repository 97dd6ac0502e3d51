import { expect, it } from 'vitest';
import { en } from '../../strings/en.ts';
import { fakeCapabilities, fakeReport } from '../../test-support/fake-capabilities.ts';
import { fakeWhole } from '../../test-support/fake-function.ts';
import { checkSettings, formOf, type SettingsForm } from './settings-form.ts';

const inWasm = fakeWhole();
const whole = fakeWhole({ engine: 'process', runtime: null, spec: { ...inWasm.spec, engine: 'process' } });
const capabilities = fakeCapabilities();
const engine = fakeReport('process', {
  ...capabilities,
  sources: ['empty'],
  limits: { ...capabilities.limits, fuel: { support: 'enforced' } },
});
const check = (part: Partial<SettingsForm>, of = whole) => checkSettings({ ...formOf(of), ...part }, of, engine, en);

it('writes what is set as people do, and reads the same from it', () => {
  expect(formOf(whole)).toMatchObject({ timeoutMs: '30 s', idleTimeMs: '1 min', memoryBytes: '', fuel: '' });
  const odd = {
    ...whole,
    settings: { ...whole.settings, timeoutMs: 61_234 },
    spec: { ...whole.spec, limits: { memoryBytes: 100_000_001, fuel: 1_000_000 } },
  };
  expect(formOf(odd)).toMatchObject({ timeoutMs: '61234 ms', memoryBytes: '100000001 B', fuel: '1,000,000' });
  for (const each of [whole, odd]) {
    const { problems, settings, spec } = check({}, each);
    expect([problems.size, settings, spec]).toEqual([0, undefined, undefined]);
  }
});

it('sends the settings alone where no limit has changed, as only that needs a new version', () => {
  expect(check({ timeoutMs: '1.5 s' })).toMatchObject({ settings: { timeoutMs: 1500 }, spec: undefined });
  expect(check({ memoryBytes: '64 MiB', fuel: '1,000,000' })).toMatchObject({
    settings: undefined,
    spec: { limits: { memoryBytes: 64 * 1024 * 1024, fuel: 1_000_000 } },
  });
  const limited = { ...whole, spec: { ...whole.spec, limits: { fuel: 5000 } } };
  expect(check({ fuel: '' }, limited).spec?.limits).toEqual({});
});

it.each([
  ['timeoutMs', '1,5 s', 'must have a decimal point, e.g. 1.5'],
  ['timeoutMs', '5 ms', 'at least 10 ms'],
  ['idleTimeMs', 'soon', 'must be a time, e.g. 10 min'],
  ['maxConcurrency', '33', 'at most 32'],
  ['maxConcurrency', '1.5', 'must be a whole number'],
  ['maxQueue', '', 'must not be empty'],
  ['memoryBytes', 'much', 'must be a size, e.g. 512 MiB'],
  ['handler', 'no-name', 'must be the name of a function, like handler'],
] as const)('refuses %s: %s', (field, typed, message) => {
  const { problems, settings, spec } = check({ [field]: typed });
  expect(problems.get(field)).toBe(message);
  expect([settings, spec]).toEqual([undefined, undefined]);
});

it('refuses what the engine cannot hold', () => {
  const without = { ...engine, capabilities: { ...engine.capabilities, limits: capabilities.limits } };
  const { problems } = checkSettings({ ...formOf(whole), fuel: '5000' }, whole, without, en);
  expect(problems.get('fuel')).toContain('fuel');
});
