import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Sandbox } from '../../shared/model/sandbox.ts';

export interface SandboxesState {
  /** Null until the host has sent the first list. */
  readonly byId: ReadonlyMap<string, Sandbox> | null;
}

export type SandboxesStore = StoreApi<SandboxesState>;

export function createSandboxesStore(): SandboxesStore {
  return createStore<SandboxesState>(() => ({ byId: null }));
}
