import { expect, it } from 'vitest';
import { applyChanges } from '../../shared/contract/sandbox-changes.ts';
import { fakeSandbox } from '../test-support/fake-sandbox.ts';

it('is what the host last said', () => {
  const a = fakeSandbox();
  const b = fakeSandbox();
  let byId = applyChanges(null, [{ type: 'snapshot', sandboxes: [a] }]);
  byId = applyChanges(byId, [{ type: 'upsert', sandbox: b }]);
  byId = applyChanges(byId, [{ type: 'upsert', sandbox: { ...a, state: 'stopped' } }]);
  expect([...byId.values()].map(({ state }) => state)).toEqual(['stopped', 'running']);
  byId = applyChanges(byId, [{ type: 'remove', id: a.id }]);
  expect([...byId.keys()]).toEqual([b.id]);
  expect(applyChanges(byId, [{ type: 'snapshot', sandboxes: [] }]).size).toBe(0);
});
