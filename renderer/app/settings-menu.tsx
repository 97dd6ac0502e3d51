import { Settings } from 'lucide-react';
import { usePage, usePreference, useStrings } from '../stores/page.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu, MenuCheck, MenuChoice, MenuSeparator } from '../ui/menu.tsx';

/** Languages are named in themselves, for who cannot read the one that is set. */
export const languageNames = { en: 'English', 'zh-CN': '简体中文' } as const;

export function SettingsMenu() {
  const { preferences } = usePage();
  const strings = useStrings();
  const { theme, language, screenReader } = usePreference((state) => state);
  return (
    <Menu
      trigger={
        <IconButton label={strings.app.settings}>
          <Settings size={16} aria-hidden="true" />
        </IconButton>
      }
    >
      <MenuChoice
        title={strings.settings.theme}
        value={theme}
        options={(['system', 'dark', 'light'] as const).map((value) => ({
          value,
          label: strings.settings.themes[value],
        }))}
        onChange={(value) => preferences.change({ theme: value })}
      />
      <MenuSeparator />
      <MenuChoice
        title={strings.settings.language}
        value={language}
        options={(['en', 'zh-CN'] as const).map((value) => ({ value, label: languageNames[value] }))}
        onChange={(value) => preferences.change({ language: value })}
      />
      <MenuSeparator />
      <MenuCheck checked={screenReader} onChange={(checked) => preferences.change({ screenReader: checked })}>
        {strings.settings.screenReader}
      </MenuCheck>
    </Menu>
  );
}
