import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Capabilities } from '../../../shared/model/engine.ts';
import { type LimitName, limitNames } from '../../../shared/model/limits.ts';
import { networkModes } from '../../../shared/model/spec.ts';
import type { Fixture } from './fixture.ts';
import { limitCases } from './limit-cases.ts';
import { networkCases } from './network-cases.ts';

/** Limits that need nothing from an engine but a stop (`services/deadlines.ts`): the test that shows it. */
const heldByHost: Readonly<Partial<Record<LimitName, string>>> = {
  wallTimeMs: 'electron/hosts/host-limits.test.ts',
  idleTimeMs: 'electron/hosts/host-limits.test.ts',
};

function shownElsewhere(name: LimitName): boolean {
  const path = heldByHost[name];
  return path !== undefined && readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8').includes(name);
}

declare module 'vitest' {
  interface TaskMeta {
    /** What an engine says that it holds, for whoever makes a table of it (`npm run matrix`). */
    claims?: { readonly engine: string } & Pick<Capabilities, 'limits' | 'network'>;
  }
}

/** What an engine claims as `enforced` is tried here, with real programs that go too far. */
export function enforcementCases(fixture: Fixture, engine: string): void {
  const { limits, network } = fixture.capabilities;
  afterEach(() => fixture.clear());

  it('claims nothing as enforced that is not shown to hold', ({ task }) => {
    task.meta.claims = { engine, limits, network };
    const unshown = [
      ...limitNames.filter((name) => {
        return limits[name].support === 'enforced' && !limitCases[name] && !shownElsewhere(name);
      }),
      ...networkModes.filter((mode) => network[mode].support === 'enforced' && !networkCases[mode]),
    ];
    expect(unshown).toEqual([]);
  });

  for (const name of limitNames) {
    const cases = limitCases[name];
    const { support } = limits[name];
    // Of a program that does not forge it, the count is exact wherever there is one.
    const isShown = support === 'enforced' || (name === 'outputBytes' && support === 'best-effort');
    if (cases && isShown) describe(`the limit ${name}`, () => cases(fixture));
  }
  for (const mode of networkModes) {
    const cases = networkCases[mode];
    if (cases && network[mode].support === 'enforced') describe(`the network ${mode}`, () => cases(fixture));
  }
}
