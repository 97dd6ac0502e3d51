import { createStore, type StoreApi } from 'zustand/vanilla';

/** What this browser remembers of how its user likes the page. Nothing of a sandbox is in here. */
export interface Preferences {
  readonly theme: 'system' | 'dark' | 'light';
  readonly language: 'en' | 'zh-CN';
  readonly fontSize: number;
  readonly screenReader: boolean;
  readonly listWidth: number;
  readonly groupBy: 'none' | 'engine' | 'state';
  readonly logTimes: boolean;
  readonly logWrap: boolean;
  readonly statsMinutes: '1' | '5' | '15' | '60';
  /** Milliseconds between two samples of the sandbox that is looked at. */
  readonly statsInterval: '100' | '200' | '500' | '1000' | '2000' | '5000';
}

export const FONT_SIZE = { least: 8, most: 32, normal: 13 } as const;
export const LIST_WIDTH = { least: 260, most: 720, normal: 380 } as const;

export interface PreferencesStore extends StoreApi<Preferences> {
  readonly change: (part: Partial<Preferences>) => void;
}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

function numberBetween(
  text: string | null,
  range: { readonly least: number; readonly most: number; readonly normal: number },
) {
  const value = text === null ? Number.NaN : Number(text);
  return Number.isFinite(value) ? Math.min(range.most, Math.max(range.least, value)) : range.normal;
}

function oneOf<const T extends string>(text: string | null, values: readonly T[], normal: T): T {
  return values.find((value) => value === text) ?? normal;
}

/** Each preference is a key of its own, `terrarium.<name>`, so that one bad value spoils no other. */
export function createPreferences(storage: Storage, systemLanguage: string): PreferencesStore {
  const get = (name: keyof Preferences) => storage.getItem(`terrarium.${name}`);
  const flag = (name: keyof Preferences, normal: boolean) => {
    const text = get(name);
    return text === null ? normal : text === '1';
  };
  const store = createStore<Preferences>(() => ({
    theme: oneOf(get('theme'), ['system', 'dark', 'light'], 'system'),
    language: oneOf(get('language'), ['en', 'zh-CN'], systemLanguage.startsWith('zh') ? 'zh-CN' : 'en'),
    fontSize: numberBetween(get('fontSize'), FONT_SIZE),
    screenReader: flag('screenReader', false),
    listWidth: numberBetween(get('listWidth'), LIST_WIDTH),
    groupBy: oneOf(get('groupBy'), ['none', 'engine', 'state'], 'none'),
    logTimes: flag('logTimes', false),
    logWrap: flag('logWrap', true),
    statsMinutes: oneOf(get('statsMinutes'), ['1', '5', '15', '60'], '5'),
    statsInterval: oneOf(get('statsInterval'), ['100', '200', '500', '1000', '2000', '5000'], '1000'),
  }));

  function change(part: Partial<Preferences>): void {
    store.setState(part);
    for (const [name, value] of Object.entries(part)) {
      storage.setItem(`terrarium.${name}`, typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
    }
  }

  return Object.assign(store, { change });
}
