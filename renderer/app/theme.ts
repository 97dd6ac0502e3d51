import type { PreferencesStore } from '../stores/preferences.ts';

/** Keeps `data-theme` as the preferences, or with `system` the system, say. */
export function followTheme(preferences: PreferencesStore): void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const { theme } = preferences.getState();
    const dark = theme === 'dark' || (theme === 'system' && system.matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  };
  apply();
  system.addEventListener('change', apply);
  preferences.subscribe(apply);
}
