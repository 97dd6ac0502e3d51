/** Code that is not saved yet. */
export interface Draft {
  readonly text: string;
  /** The version that it was begun from. */
  readonly base: number;
}

type Storage = Pick<globalThis.Storage, 'setItem' | 'removeItem' | 'getItem' | 'key' | 'length'>;

export interface DraftStorage {
  readonly load: () => ReadonlyMap<string, Draft>;
  /** Written a moment later: typing must not wait for it. Null: forgets it. */
  readonly put: (id: string, draft: Draft | null) => void;
  /** Writes what waits. */
  readonly flush: () => void;
}

const WRITE_AFTER_MS = 250;

/** Keeps drafts in this browser, so that a reload or a closed window loses none. `onFull`: one could not be kept. `kind` keeps apart what is kept. */
export function createDraftStorage(
  storage: Storage,
  onFull: (error: unknown) => void,
  kind: 'draft' | 'payload' = 'draft',
): DraftStorage {
  const prefix = `terrarium.${kind}.`;
  const waiting = new Map<string, Draft | null>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const [id, draft] of waiting) {
      try {
        if (draft) storage.setItem(prefix + id, JSON.stringify(draft));
        else storage.removeItem(prefix + id);
      } catch (error) {
        onFull(error);
      }
    }
    waiting.clear();
  }

  return {
    flush,
    put(id, draft) {
      waiting.set(id, draft);
      timer ??= setTimeout(flush, WRITE_AFTER_MS);
    },
    load() {
      const drafts = new Map<string, Draft>();
      for (let index = 0; index < storage.length; index += 1) {
        const key = storage.key(index);
        const draft = key?.startsWith(prefix) ? parse(storage.getItem(key)) : null;
        if (key && draft) drafts.set(key.slice(prefix.length), draft);
      }
      return drafts;
    },
  };
}

/** Null for what is no draft: it may be of another version of the page. */
function parse(text: string | null): Draft | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value !== 'object' || value === null || !('text' in value) || !('base' in value)) return null;
    return typeof value.text === 'string' && typeof value.base === 'number'
      ? { text: value.text, base: value.base }
      : null;
  } catch {
    return null;
  }
}
