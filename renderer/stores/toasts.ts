import { createStore, type StoreApi } from 'zustand/vanilla';
import { isAppError } from '../../shared/model/app-error.ts';

export interface Toast {
  readonly id: number;
  readonly kind: 'error' | 'info';
  readonly title: string;
  readonly hint: string | undefined;
  /** What its button copies; such a toast stays until it is closed. */
  readonly copy: string | undefined;
}

export interface Toasts {
  readonly store: StoreApi<{ readonly items: readonly Toast[] }>;
  readonly info: (title: string, hint?: string) => void;
  /** Says something that the user may want to take along. */
  readonly copyable: (title: string, text: string) => void;
  /** Shows what went wrong and what to do. What the user cancelled himself is not shown. */
  readonly error: (error: unknown, doing?: string) => void;
  readonly dismiss: (id: number) => void;
}

const MOST = 4;
const INFO_MS = 6000;
const ERROR_MS = 15_000;

export function createToasts(): Toasts {
  const store = createStore<{ readonly items: readonly Toast[] }>(() => ({ items: [] }));
  let lastId = 0;

  const dismiss = (id: number) => store.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));

  function show(kind: Toast['kind'], title: string, hint: string | undefined, copy?: string): void {
    const same = store.getState().items.find((item) => item.title === title && item.hint === hint);
    if (same) dismiss(same.id);
    const id = ++lastId;
    store.setState(({ items }) => ({ items: [...items, { id, kind, title, hint, copy }].slice(-MOST) }));
    if (copy === undefined) setTimeout(() => dismiss(id), kind === 'error' ? ERROR_MS : INFO_MS);
  }

  return {
    store,
    dismiss,
    info: (title, hint) => show('info', title, hint),
    copyable: (title, text) => show('info', title, text, text),
    error: (error, doing) => {
      if (isAppError(error, 'cancelled')) return;
      const message = error instanceof Error ? error.message : String(error);
      const hint = isAppError(error) ? error.hint : undefined;
      show('error', doing === undefined ? message : `${doing}: ${message}`, hint);
    },
  };
}
