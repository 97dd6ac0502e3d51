import { expect, it } from 'vitest';
import { fakeSandbox } from '../test-support/fake-sandbox.ts';
import { applyChange } from './sandboxes.ts';

it('is what the host last said', () => {
  const a = fakeSandbox();
  const b = fakeSandbox();
  let byId = applyChange(null, { type: 'snapshot', sandboxes: [a] });
  byId = applyChange(byId, { type: 'upsert', sandbox: b });
  byId = applyChange(byId, { type: 'upsert', sandbox: { ...a, state: 'stopped' } });
  expect([...byId.values()].map(({ state }) => state)).toEqual(['stopped', 'running']);
  byId = applyChange(byId, { type: 'remove', id: a.id });
  expect([...byId.keys()]).toEqual([b.id]);
  expect(applyChange(byId, { type: 'snapshot', sandboxes: [] }).size).toBe(0);
});
