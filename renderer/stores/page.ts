import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { SystemInfo } from '../../shared/contract/system.ts';
import type { EngineReport } from '../../shared/model/engine.ts';
import type { Connection } from '../app/connection/connection.ts';
import type { Strings } from '../strings/en.ts';
import type { Actions } from './actions.ts';
import type { Consoles } from './consoles.ts';
import type { Functions, FunctionsState } from './functions.ts';
import type { Preferences, PreferencesStore } from './preferences.ts';
import type { Samples } from './samples.ts';
import type { SandboxesState, SandboxesStore } from './sandboxes.ts';
import type { Toasts } from './toasts.ts';
import type { UiState, UiStore } from './ui.ts';

export interface HostState {
  /** Null until the host has told. */
  readonly engines: readonly EngineReport[] | null;
  readonly system: SystemInfo | null;
}

/** Everything that the page's parts share, composed once at the start. */
export interface Page {
  readonly connection: Connection;
  readonly sandboxes: SandboxesStore;
  readonly host: StoreApi<HostState>;
  readonly samples: Samples;
  readonly consoles: Consoles;
  readonly functions: Functions;
  readonly ui: UiStore;
  readonly preferences: PreferencesStore;
  readonly toasts: Toasts;
  readonly actions: Actions;
  readonly strings: StoreApi<{ readonly current: Strings }>;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('rendered outside of the page');
  return page;
}

export function useStrings(): Strings {
  return useStore(usePage().strings, (state) => state.current);
}

export function useUi<T>(select: (state: UiState) => T): T {
  return useStore(usePage().ui, select);
}

export function useSandboxes<T>(select: (state: SandboxesState) => T): T {
  return useStore(usePage().sandboxes, select);
}

export function useFunctions<T>(select: (state: FunctionsState) => T): T {
  return useStore(usePage().functions.store, select);
}

export function useHost<T>(select: (state: HostState) => T): T {
  return useStore(usePage().host, select);
}

export function usePreference<T>(select: (state: Preferences) => T): T {
  return useStore(usePage().preferences, select);
}
