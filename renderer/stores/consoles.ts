import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Console } from '../../shared/contract/consoles.ts';
import type { Exit, Sandbox } from '../../shared/model/sandbox.ts';
import type { Client } from '../app/connection/connection.ts';

export interface ConsolesState {
  readonly byId: ReadonlyMap<string, Console>;
  /** The console that is shown, a sandbox. */
  readonly active: ReadonlyMap<string, string>;
  /** False until the host was asked what is open. */
  readonly loaded: boolean;
}

/** Which consoles there are. Their output is the terminals' business. */
export interface Consoles {
  readonly store: StoreApi<ConsolesState>;
  /** Asks the host again what is open. */
  readonly reload: () => Promise<void>;
  readonly open: (sandbox: Sandbox, size?: { readonly cols: number; readonly rows: number }) => Promise<Console>;
  readonly close: (id: string) => Promise<void>;
  readonly show: (console: Console) => void;
  readonly exited: (id: string, exit: Exit) => void;
  readonly forget: (id: string) => void;
}

/** The consoles of a sandbox in the order in which they were opened. */
export function consolesOf(state: ConsolesState, sandboxId: string): readonly Console[] {
  return [...state.byId.values()]
    .filter((console) => console.sandboxId === sandboxId)
    .sort((a, b) => a.createdAt - b.createdAt || a.id.localeCompare(b.id));
}

export function createConsoles(client: Client): Consoles {
  const store = createStore<ConsolesState>(() => ({ byId: new Map(), active: new Map(), loaded: false }));

  const put = (console: Console) => store.setState(({ byId }) => ({ byId: new Map(byId).set(console.id, console) }));
  const show = (console: Console) =>
    store.setState(({ active }) => ({ active: new Map(active).set(console.sandboxId, console.id) }));

  function forget(id: string): void {
    store.setState((state) => {
      const console = state.byId.get(id);
      if (!console) return state;
      const siblings = consolesOf(state, console.sandboxId);
      const index = siblings.findIndex((sibling) => sibling.id === id);
      const heir = siblings[index + 1] ?? siblings[index - 1];
      const active = new Map(state.active);
      if (active.get(console.sandboxId) === id) {
        if (heir) active.set(console.sandboxId, heir.id);
        else active.delete(console.sandboxId);
      }
      return { byId: new Map([...state.byId].filter(([key]) => key !== id)), active };
    });
  }

  return {
    store,
    show,
    forget,
    reload: async () => {
      const consoles = await client.consoles.list({});
      store.setState({ byId: new Map(consoles.map((console) => [console.id, console])), loaded: true });
    },
    open: async (sandbox, size = { cols: 80, rows: 24 }) => {
      const console = await client.consoles.open({
        sandboxId: sandbox.id,
        confirmForeign: sandbox.foreign,
        ...size,
      });
      put(console);
      show(console);
      return console;
    },
    close: async (id) => {
      await client.consoles.close({ id });
      forget(id);
    },
    exited: (id, exit) => {
      const console = store.getState().byId.get(id);
      if (console) put({ ...console, exit });
    },
  };
}
