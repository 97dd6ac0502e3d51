import type { Outcome } from './outcome.ts';

/**
 * What no build machine can have. A test that is skipped for lack of it starts its reason with the
 * tag, e.g. `test.skip(!binary, '[electron-binary] not in node_modules/electron/dist')`; it may be
 * skipped even where a skip counts as a failure. Keep this list short.
 */
export const unobtainable: readonly string[] = [
  // Downloaded at first use from a host that build machines do not reach.
  '[electron-binary]',
];

/** Whether TERRARIUM_REQUIRE_ENGINES makes a skip a failure. Throws on a value that means nothing. */
export function requiresAll(env: NodeJS.ProcessEnv): boolean {
  const value = env.TERRARIUM_REQUIRE_ENGINES ?? '';
  if (value !== '' && value !== 'all') {
    throw new Error(`TERRARIUM_REQUIRE_ENGINES is "${value}"; it can be "all", or not be set.`);
  }
  return value === 'all';
}

/** With `required`, turns every skip into a failure but those for what cannot be had. */
export function applySkipPolicy(outcomes: readonly Outcome[], required: boolean): readonly Outcome[] {
  if (!required) return outcomes;
  return outcomes.map((outcome) => {
    if (outcome.status !== 'skipped' || unobtainable.some((tag) => outcome.detail.startsWith(tag))) return outcome;
    return {
      ...outcome,
      status: 'failed',
      detail: `skipped, which TERRARIUM_REQUIRE_ENGINES forbids: ${outcome.detail}`,
    };
  });
}
