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

/** The list after one change. The only way in which the page's list changes. */
export function applyChange(byId: ReadonlyMap<string, Sandbox> | null, change: SandboxChange): Map<string, Sandbox> {
  if (change.type === 'snapshot') return new Map(change.sandboxes.map((sandbox) => [sandbox.id, sandbox]));
  const next = new Map(byId);
  if (change.type === 'upsert') next.set(change.sandbox.id, change.sandbox);
  else next.delete(change.id);
  return next;
}
