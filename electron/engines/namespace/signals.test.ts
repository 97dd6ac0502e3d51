import { expect, it } from 'vitest';
import type { ExecControl } from '../engine.ts';
import { processesWith, sh, uniqueSleep, until } from '../engine-contract/fixture.ts';
import { createTestEngine, describeNamespace } from './test-support.ts';

await describeNamespace('signals to commands in namespaces', () => {
  it('reach one that has left the group of what carries it in', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running();
    const marker = uniqueSleep();
    const started = Promise.withResolvers<ExecControl>();
    const exit = test.engine.exec(
      ref,
      // It leads no group, so this is no child.
      { argv: sh(`exec setsid sleep ${marker}`), env: {} },
      { signal: new AbortController().signal, onOutput: () => undefined, onStarted: started.resolve },
    );
    await until('the command to run', async () => (await processesWith(marker)).length === 1);
    expect(await (await started.promise).signal('SIGTERM')).toBe(true);
    expect(await exit).toMatchObject({ code: 143 });
    expect(await processesWith(marker)).toEqual([]);
  });
});
