import { describe, expect, it } from 'vitest';
import { capabilitiesSchema, engineReportSchema } from '../../../shared/model/engine.ts';
import { type LimitName, type Limits, limitNames } from '../../../shared/model/limits.ts';
import { refusals } from '../../../shared/model/refusal.ts';
import type { Fixture } from './fixture.ts';

const MIB = 1024 * 1024;
const example: Required<Limits> = {
  cpuCores: 1,
  memoryBytes: 256 * MIB,
  diskBytes: 64 * MIB,
  processes: 256,
  openFiles: 256,
  fileSizeBytes: 16 * MIB,
  wallTimeMs: 60_000,
  idleTimeMs: 60_000,
  cpuTimeMs: 60_000,
  fuel: 1_000_000,
};

export function capabilityCases({ report, harness }: Fixture): void {
  const { capabilities } = report;

  it('reports itself as available, in the shape of the model', () => {
    expect(() => engineReportSchema.parse(report)).not.toThrow();
    expect(() => capabilitiesSchema.parse(capabilities)).not.toThrow();
    expect(report.status).toBe('available');
    expect(report.kind).toBe(harness.baseSpec.engine);
  });

  it('accepts its own defaults', () => {
    const { network, profile } = capabilities.defaults;
    expect(refusals({ ...harness.baseSpec, network, profile }, capabilities)).toEqual([]);
  });

  it('says why where it can only try', () => {
    const all = [capabilities.limits, capabilities.network, capabilities.profiles, capabilities.features];
    const unexplained = all
      .flatMap((record) => Object.entries(record))
      .filter(([, { support, note }]) => support === 'best-effort' && !note)
      .map(([name]) => name);
    expect(unexplained).toEqual([]);
  });

  describe.each(limitNames)('the limit %s', (name: LimitName) => {
    const ask = (allowBestEffort: boolean) =>
      refusals({ ...harness.baseSpec, limits: { [name]: example[name] }, allowBestEffort }, capabilities);
    const { support } = capabilities.limits[name];
    const refusedStrictly = support === 'enforced' ? [] : [`limits.${name}`];
    const refusedLoosely = support === 'unsupported' ? [`limits.${name}`] : [];

    it(`is ${support}: ${refusedStrictly.length ? 'refused by name' : 'accepted'}`, () => {
      expect(ask(false).map(({ field }) => field)).toEqual(refusedStrictly);
    });

    it(`is ${refusedLoosely.length ? 'still refused' : 'accepted'} when best effort will do`, () => {
      expect(ask(true).map(({ field }) => field)).toEqual(refusedLoosely);
    });
  });
}
