import { expect, it } from 'vitest';
import { describeVirtualenv } from './describe-virtualenv.ts';
import { createInterpreters } from './interpreters.ts';
import { probe } from './probe.ts';

await describeVirtualenv('the probe of virtualenv', () => {
  it('tells why sandboxes cannot be isolated where bubblewrap does not work', async () => {
    const missing = { reason: 'The program bwrap is missing.', hint: 'Install bubblewrap.' };
    expect(await probe(process.platform, createInterpreters(), missing)).toMatchObject({
      status: 'available',
      runtimes: [],
      facts: { 'runtime namespace': 'not offered: The program bwrap is missing. Install bubblewrap.' },
    });
  });
});
