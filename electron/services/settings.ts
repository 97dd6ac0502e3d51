import { defaultSettings, type Settings, settingsSchema } from '../../shared/contract/settings.ts';
import type { Store } from '../store/store.ts';

type Change = { readonly [K in keyof Settings]?: Settings[K] | undefined };

export interface SettingsService {
  readonly get: () => Settings;
  /** Changes the given keys and keeps the others. */
  readonly set: (change: Change) => Settings;
}

const KEY = 'settings';

export function createSettings(store: Store): SettingsService {
  const parsed = settingsSchema.safeParse(store.settings.get(KEY));
  let current: Settings = parsed.success ? parsed.data : defaultSettings;
  return {
    get: () => current,
    set(change) {
      current = { portRange: change.portRange ?? current.portRange };
      store.settings.set(KEY, current);
      return current;
    },
  };
}
