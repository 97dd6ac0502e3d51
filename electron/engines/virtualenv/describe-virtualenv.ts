import { findAbilities } from '../bubblewrap/abilities.ts';
import { describeUnless } from '../engine-contract/describe-unless.ts';
import { createInterpreters } from './interpreters.ts';

/** Like `describe`, for tests that need a Python with pip. Skips with the reason, or fails with it where everything is required. */
export async function describeVirtualenv(title: string, body: () => void): Promise<void> {
  describeUnless(await missingPython(), title, body);
}

/** The same for tests that need sandboxes of bubblewrap's as well. */
export async function describeBoxed(title: string, body: () => void): Promise<void> {
  const found = await findAbilities();
  describeUnless((await missingPython()) ?? ('reason' in found ? found.reason : null), title, body);
}

async function missingPython(): Promise<string | null> {
  const found = await createInterpreters().find();
  return found.some(({ hasEnsurepip, pip }) => hasEnsurepip && pip !== null)
    ? null
    : 'no Python with venv and pip on this machine; run: npm run provision';
}
