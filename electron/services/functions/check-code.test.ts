import { expect, it } from 'vitest';
import { functionSpecInputSchema } from '../../../shared/model/function.ts';
import { limitNames } from '../../../shared/model/limits.ts';
import { createSemaphore } from '../../lib/semaphore.ts';
import { checkCode } from './check-code.ts';
import type { OpenInstance } from './opener.ts';

it('loads no more at once than the bound', async () => {
  const opened: PromiseWithResolvers<void>[] = [];
  const open = (async () => {
    const gate = Promise.withResolvers<void>();
    opened.push(gate);
    await gate.promise;
    return { close: async () => undefined };
  }) as unknown as OpenInstance;
  const all = { level: 'enforced' };
  const capabilities = {
    limits: Object.fromEntries(limitNames.map((name) => [name, all])),
    network: { none: all },
    features: {},
    sources: ['empty'],
    defaults: { network: { mode: 'none' } },
  };
  const report = { runtimes: [], capabilities };
  const context = {
    engines: { ready: async () => undefined, available: () => ({ report }) },
    modules: { take: async () => null },
    open,
    loading: new Set(),
    checks: createSemaphore(2),
    ending: new AbortController().signal,
  } as unknown as Parameters<typeof checkCode>[0];
  const spec = functionSpecInputSchema.parse({ engine: 'process', code: { type: 'javascript', text: '1' } });
  const { signal } = new AbortController();
  const checks = Array.from({ length: 4 }, () => checkCode(context, { name: 'a', keepState: false }, spec, signal));
  await until(() => context.loading.size === 4);
  for (let ended = 0; ended < 4; ended += 1) {
    await until(() => opened.length > ended);
    expect(opened.length).toBeLessThanOrEqual(ended + 2);
    opened[ended]?.resolve();
  }
  expect(await Promise.all(checks)).toHaveLength(4);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
