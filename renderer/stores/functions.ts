import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FunctionChange } from '../../shared/contract/functions.ts';
import { type AppError, toAppError } from '../../shared/model/app-error.ts';
import type { FunctionSummary, InvocationAnswer } from '../../shared/model/function.ts';
import type { Client } from '../app/connection/connection.ts';
import type { Draft, DraftStorage } from './drafts.ts';

/** The last invocation that was asked for here, of one function. */
export type Run =
  | { readonly state: 'running'; readonly since: number; readonly cancel: () => void }
  | { readonly state: 'ended'; readonly answer: InvocationAnswer }
  /** It came to no invocation, or nobody knows how it ended. */
  | { readonly state: 'refused'; readonly error: AppError };

/** A line of code that is to be shown. */
export interface Reveal {
  readonly id: string;
  readonly version: number;
  /** From 1. */
  readonly line: number;
}

export interface FunctionsState {
  /** Null until the host has sent the first list. */
  readonly byId: ReadonlyMap<string, FunctionSummary> | null;
  readonly drafts: ReadonlyMap<string, Draft>;
  /** What was typed as the payload. */
  readonly payloads: ReadonlyMap<string, string>;
  readonly runs: ReadonlyMap<string, Run>;
  readonly reveal: Reveal | null;
}

export interface Functions {
  readonly store: StoreApi<FunctionsState>;
  readonly apply: (changes: readonly FunctionChange[]) => void;
  /** Null: there is nothing unsaved any more. */
  readonly edit: (id: string, draft: Draft | null) => void;
  readonly setPayload: (id: string, payload: string) => void;
  /** Resolves when it has ended, in `runs`. One at a time for each function; a second wish is ignored. */
  readonly invoke: (id: string, payload: string, version?: number) => Promise<void>;
  /** Forgets what was typed for functions that are there no more, but not the code of the one that is looked at. */
  readonly forgetOthers: (shown: string | null) => void;
}

const withEntry = <T>(map: ReadonlyMap<string, T>, id: string, value: T | null): ReadonlyMap<string, T> => {
  const next = new Map(map);
  if (value === null) next.delete(id);
  else next.set(id, value);
  return next;
};

export function createFunctions(client: Client, kept: DraftStorage, keptPayloads: DraftStorage): Functions {
  const store = createStore<FunctionsState>(() => ({
    byId: null,
    drafts: kept.load(),
    payloads: new Map([...keptPayloads.load()].map(([id, { text }]) => [id, text])),
    runs: new Map(),
    reveal: null,
  }));
  const setRun = (id: string, run: Run) => store.setState(({ runs }) => ({ runs: withEntry(runs, id, run) }));

  function edit(id: string, draft: Draft | null): void {
    kept.put(id, draft);
    store.setState(({ drafts }) => ({ drafts: withEntry(drafts, id, draft) }));
  }

  function setPayload(id: string, payload: string | null): void {
    keptPayloads.put(id, payload === null ? null : { text: payload, base: 0 });
    store.setState(({ payloads }) => ({ payloads: withEntry(payloads, id, payload) }));
  }

  return {
    store,
    edit,
    apply: (changes) => store.setState(({ byId }) => ({ byId: applyFunctionChanges(byId, changes) })),
    setPayload,
    async invoke(id, payload, version) {
      if (store.getState().runs.get(id)?.state === 'running') return;
      const stop = new AbortController();
      setRun(id, { state: 'running', since: Date.now(), cancel: () => stop.abort() });
      try {
        const asked = version === undefined ? { id, payload } : { id, payload, version };
        setRun(id, { state: 'ended', answer: await client.functions.invoke(asked, { signal: stop.signal }) });
      } catch (failure) {
        setRun(id, { state: 'refused', error: toAppError(failure) });
      }
    },
    forgetOthers(shown) {
      const { byId, drafts, payloads } = store.getState();
      for (const id of drafts.keys()) if (byId && !byId.has(id) && id !== shown) edit(id, null);
      for (const id of payloads.keys()) if (byId && !byId.has(id)) setPayload(id, null);
    },
  };
}

/** The list after some changes. */
export function applyFunctionChanges(
  byId: ReadonlyMap<string, FunctionSummary> | null,
  changes: readonly FunctionChange[],
): ReadonlyMap<string, FunctionSummary> {
  const next = new Map(byId);
  for (const change of changes) {
    if (change.type === 'upsert') next.set(change.function.id, change.function);
    else if (change.type === 'remove') next.delete(change.id);
    else {
      next.clear();
      for (const each of change.functions) next.set(each.id, each);
    }
  }
  return next;
}
