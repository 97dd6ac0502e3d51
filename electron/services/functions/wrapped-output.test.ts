import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LOGS_MAX } from './instance.ts';
import { createWrappedOutput } from './wrapped-output.ts';

const MARKER = '0123456789abcdef';

it('tells the answer from what the function wrote, however the output is cut into chunks', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', 'é', '0', MARKER.slice(0, 8), `\x1e${MARKER.slice(0, 8)}`) }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (written, sizes) => {
        const all = Buffer.from(`${written}\x1e${MARKER}\n{}\nresult`);
        const output = createWrappedOutput(MARKER, 1000);
        for (let at = 0, turn = 0; at < all.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          expect(output.take('stdout', all.subarray(at, at + size))).toBe(true);
          at += size;
        }
        expect(output.answer()?.toString()).toBe('{}\nresult');
        expect(output.logs()).toEqual({
          logs: written === '' ? [] : [{ stream: 'stdout', text: written }],
          truncated: false,
        });
      },
    ),
  );
});

it('has everything in the logs where the marker never came', () => {
  const output = createWrappedOutput(MARKER, 1000);
  output.take('stdout', Buffer.from(`before\n\x1e${MARKER}`));
  output.take('stderr', Buffer.from('beside'));
  expect(output.answer()).toBeNull();
  expect(output.logs().logs).toEqual([
    { stream: 'stdout', text: 'before\n' },
    { stream: 'stderr', text: 'beside' },
    { stream: 'stdout', text: `\x1e${MARKER}` },
  ]);
});

it('cuts logs, and says when an answer is too long', () => {
  const output = createWrappedOutput(null, 10);
  expect(output.take('stdout', Buffer.from('0123456789'))).toBe(true);
  expect(output.take('stdout', Buffer.from('0'))).toBe(false);
  expect(output.take('stderr', Buffer.alloc(LOGS_MAX + 1, 'x'))).toBe(true);
  const { logs, truncated } = output.logs();
  expect(logs).toEqual([{ stream: 'stderr', text: 'x'.repeat(LOGS_MAX) }]);
  expect(truncated).toBe(true);
});
