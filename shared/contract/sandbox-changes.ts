// Without zod, so that the page's first load does without it as well.
import type { Sandbox } from '../model/sandbox.ts';
import type { SandboxChange } from './sandboxes.ts';

/** The list after some changes. */
export function applyChanges(
  byId: ReadonlyMap<string, Sandbox> | null,
  changes: readonly SandboxChange[],
): ReadonlyMap<string, Sandbox> {
  const next = new Map(byId);
  for (const change of changes) {
    if (change.type === 'upsert') next.set(change.sandbox.id, change.sandbox);
    else if (change.type === 'remove') next.delete(change.id);
    else {
      next.clear();
      for (const sandbox of change.sandboxes) next.set(sandbox.id, sandbox);
    }
  }
  return next;
}
