import type { MenuItemConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import { menuTemplate } from './menu.ts';

function itemsOf(template: readonly MenuItemConstructorOptions[]): readonly MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? itemsOf(item.submenu) : [])]);
}
const rolesOf = (template: readonly MenuItemConstructorOptions[]) => itemsOf(template).map((item) => item.role);
const noLog = () => undefined;

test('a Mac has its own menus', () => {
  expect(rolesOf(menuTemplate({ platform: 'darwin', showLog: noLog }))).toEqual(
    expect.arrayContaining(['appMenu', 'fileMenu', 'editMenu', 'reload', 'zoomIn', 'windowMenu', 'help']),
  );
});

test('Linux has quit, edit, reload, zoom and the developer tools', () => {
  expect(rolesOf(menuTemplate({ platform: 'linux', showLog: noLog }))).toEqual(
    expect.arrayContaining(['quit', 'copy', 'paste', 'reload', 'zoomIn', 'zoomOut', 'resetZoom', 'toggleDevTools']),
  );
});

test('on Linux no entry takes a key of the programs in a console', () => {
  // What Electron would register for these roles by itself is Ctrl and a letter.
  const harmless = ['resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen', 'about', 'help'];
  for (const item of itemsOf(menuTemplate({ platform: 'linux', showLog: noLog }))) {
    if (item.accelerator !== undefined) expect(item.accelerator).toMatch(/^Ctrl\+Shift\+/);
    else if (item.role !== undefined && !harmless.includes(item.role)) expect(item.registerAccelerator).toBe(false);
  }
});

test('the log can be shown', () => {
  let shown = 0;
  const template = menuTemplate({
    platform: 'linux',
    showLog: () => {
      shown++;
    },
  });
  const entry = itemsOf(template).find((item) => item.label?.includes('Log'));
  const click = entry?.click as (() => void) | undefined;
  click?.();
  expect(shown).toBe(1);
});
