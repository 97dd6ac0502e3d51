import { describe, it } from 'vitest';
import { createInterpreters } from './interpreters.ts';

/** Like `describe`, for tests that need a Python with pip. Skips with the reason, or fails with it where everything is required. */
export async function describeVirtualenv(title: string, body: () => void): Promise<void> {
  const found = await createInterpreters().find();
  const reason = found.some(({ hasEnsurepip, pip }) => hasEnsurepip && pip !== null)
    ? null
    : 'no Python with venv and pip on this machine; run: npm run provision';
  if (reason === null) describe(title, body);
  else if (process.env.TERRARIUM_REQUIRE_ENGINES === 'all') {
    it(title, () => {
      throw new Error(`TERRARIUM_REQUIRE_ENGINES=all, but: ${reason}`);
    });
  } else {
    it(title, (context) => context.skip(reason));
  }
}
