import type { MenuItemConstructorOptions } from 'electron';

export interface MenuOptions {
  readonly platform: NodeJS.Platform;
  readonly showLog: () => void;
}

/**
 * The native menu. On Linux no entry takes Ctrl and a letter alone: those are keys of the programs
 * in a console (Ctrl+C, Ctrl+R, Ctrl+W), and a text field copies and pastes without the menu's help.
 */
export function menuTemplate({ platform, showLog }: MenuOptions): MenuItemConstructorOptions[] {
  return platform === 'darwin' ? macMenu(showLog) : linuxMenu(showLog);
}

const separator: MenuItemConstructorOptions = { type: 'separator' };
const zoom: readonly MenuItemConstructorOptions[] = [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }];

function macMenu(showLog: () => void): MenuItemConstructorOptions[] {
  return [
    { role: 'appMenu' },
    { role: 'fileMenu' },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'reload' },
        { role: 'toggleDevTools' },
        separator,
        ...zoom,
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [{ label: 'Show the Log', click: showLog }] },
  ];
}

function linuxMenu(showLog: () => void): MenuItemConstructorOptions[] {
  const shown = { registerAccelerator: false };
  return [
    { label: '&File', submenu: [{ role: 'quit', accelerator: 'Ctrl+Shift+Q' }] },
    {
      label: '&Edit',
      submenu: [
        { role: 'undo', ...shown },
        { role: 'redo', ...shown },
        separator,
        { role: 'cut', ...shown },
        { role: 'copy', ...shown },
        { role: 'paste', ...shown },
        separator,
        { role: 'selectAll', ...shown },
      ],
    },
    {
      label: '&View',
      submenu: [
        { role: 'reload', accelerator: 'Ctrl+Shift+R' },
        { role: 'toggleDevTools', accelerator: 'Ctrl+Shift+I' },
        separator,
        ...zoom,
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'help', submenu: [{ label: 'Show the &Log', click: showLog }, separator, { role: 'about' }] },
  ];
}
