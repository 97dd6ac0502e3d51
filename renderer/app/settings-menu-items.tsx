import type { ReactElement } from 'react';
import { usePage, usePreference, useStrings } from '../stores/page.ts';
import { Menu, MenuCheck, MenuChoice, MenuItem, MenuSeparator } from '../ui/menu.tsx';

/** Languages are named in themselves, for who cannot read the one that is set. */
const languageNames = { en: 'English', 'zh-CN': '简体中文' } as const;

/** Loaded when it is opened first, and then open. */
export function OpenSettingsMenu({ trigger }: { readonly trigger: ReactElement }) {
  const { preferences, ui } = usePage();
  const strings = useStrings();
  const { theme, language, screenReader } = usePreference((state) => state);
  return (
    <Menu trigger={trigger}>
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
      <MenuSeparator />
      <MenuItem onChoose={() => ui.setState({ overlay: 'settings' })}>{strings.settings.more}</MenuItem>
    </Menu>
  );
}
