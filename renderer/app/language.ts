import type { StoreApi } from 'zustand/vanilla';
import { loadOnce } from '../lib/lazy-part.tsx';
import type { PreferencesStore } from '../stores/preferences.ts';
import { en, type Strings } from '../strings/en.ts';

const chinese = loadOnce(async () => (await import('../strings/zh-cn.ts')).zhCN);

/** Keeps the page's texts in the language of the preferences. English is in the first load, others come when asked for. */
export function loadStrings(
  preferences: PreferencesStore,
  strings: StoreApi<{ readonly current: Strings }>,
  onError: (error: unknown) => void,
): void {
  const load = async () => {
    const { language } = preferences.getState();
    const texts = language === 'zh-CN' ? await chinese.load() : en;
    if (preferences.getState().language !== language) return;
    strings.setState({ current: texts });
    document.documentElement.lang = language;
  };
  preferences.subscribe((now, before) => {
    if (now.language !== before.language) load().catch(onError);
  });
  load().catch(onError);
}
