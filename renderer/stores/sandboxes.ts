import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SandboxChange } from '../../shared/contract/sandboxes.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';

export interface SandboxesState {
  /** Null until the host has sent the first list. */
  readonly byId: ReadonlyMap<string, Sandbox> | null;
}

export type SandboxesStore = StoreApi<SandboxesState>;

export function createSandboxesStore(): SandboxesStore {
  return createStore<SandboxesState>(() => ({ byId: null }));
}

/** The list after some changes. The only way in which the page's list changes. */
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
