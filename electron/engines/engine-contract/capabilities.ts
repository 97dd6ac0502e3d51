import { afterEach, describe, expect, it } from 'vitest';
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
  outputBytes: 64 * MIB,
  fuel: 1_000_000,
};

export function capabilityCases(fixture: Fixture): void {
  const { report, harness } = fixture;
  const capabilities = fixture.capabilities;
  afterEach(() => fixture.clear());

  it('reports itself as available, in the shape of the model', () => {
    expect(() => engineReportSchema.parse(report)).not.toThrow();
    expect(() => capabilitiesSchema.parse(capabilities)).not.toThrow();
    expect(report.status).toBe('available');
    expect(report.kind).toBe(harness.baseSpec.engine);
  });

  it('accepts its own defaults', () => {
    const { network, profile } = capabilities.defaults;
    expect(refusals({ ...harness.baseSpec, network, profile }, report)).toEqual([]);
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
    const { support } = capabilities.limits[name];
    const field = `limits.${name}`;
    /** Asks the engine itself: it must hold its word also when nobody has asked before it is called. */
    const cases = [
      { asked: 'strictly', allowBestEffort: false, refused: support !== 'enforced' },
      { asked: 'as well as can be', allowBestEffort: true, refused: support === 'unsupported' },
    ] as const;

    it.each(cases)(
      `is ${support}: asked to hold it $asked, the engine refuses: $refused`,
      async ({ allowBestEffort, refused }) => {
        const spec = { limits: { [name]: example[name] }, allowBestEffort };
        const fields = refusals({ ...harness.baseSpec, ...spec }, report).map((refusal) => refusal.field);
        expect(fields).toEqual(refused ? [field] : []);
        if (refused) {
          const before = await fixture.ours();
          await expect(fixture.create(spec)).rejects.toMatchObject({ code: 'unsupported', details: { field } });
          expect(await fixture.ours()).toEqual(before);
        } else {
          expect((await fixture.create(spec)).owned?.spec.limits).toEqual(spec.limits);
        }
      },
    );
  });
}
