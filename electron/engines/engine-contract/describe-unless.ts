import { describe, it } from 'vitest';

/**
 * Like `describe`, for tests that need something of this machine. `missing`: why they cannot run and how to get
 * what they need, null when they can. Then they are skipped with it; where everything is required, they fail with it.
 */
export function describeUnless(missing: string | null, title: string, body: () => void): void {
  if (missing === null) {
    describe(title, body);
  } else if (process.env.TERRARIUM_REQUIRE_ENGINES === 'all') {
    it(title, () => {
      throw new Error(`TERRARIUM_REQUIRE_ENGINES=all, but: ${missing}`);
    });
  } else {
    it(title, (context) => context.skip(missing));
  }
}
