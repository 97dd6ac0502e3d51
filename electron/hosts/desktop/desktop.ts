import { join } from 'node:path';
import { app, Menu, protocol, session, shell } from 'electron';
import type { Log } from '../../lib/log.ts';
import type { Host } from '../host.ts';
import type { OpenHost } from '../open-host.ts';
import { type ServedHost, serveHost } from '../server/serve-host.ts';
import { menuTemplate } from './menu.ts';
import { createPagePorts } from './page-port.ts';
import { servePage } from './protocol.ts';
import { handleQuit } from './quit.ts';
import { securePages, secureSession } from './security.ts';
import { type AppWindow, createWindow } from './window.ts';

export interface Desktop {
  /** Opens the window, or brings it to the front. */
  readonly show: () => void;
  readonly quitNow: () => void;
  /** When the window was opened for the first time. */
  readonly opened: Promise<void>;
}

/** Composes the desktop host, once the app is ready. */
export function startDesktop({ home, log, host }: OpenHost, version: string): Desktop {
  const root = app.getAppPath();
  const serving = serveScripts(host, { home: home.path, log, version, pageFolder: join(root, 'dist/page') });
  const givePorts = createPagePorts(host.router, log);
  let window: AppWindow | null = null;

  securePages(app, log);
  secureSession(session.defaultSession);
  servePage(protocol, join(root, 'dist/page'));
  const showLog = () => shell.showItemInFolder(join(home.path, 'log', 'host.log'));
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ platform: process.platform, showLog })));

  const quit = handleQuit({
    app,
    log,
    consoles: () => host.services.consoles.list(undefined),
    window: () => window?.browserWindow ?? null,
    async dispose() {
      window?.destroy();
      session.defaultSession.flushStorageData();
      await (await serving)?.close();
      await host.dispose();
      home.release();
    },
  });

  function open(): AppWindow {
    const opened = createWindow({
      preload: join(root, 'dist/desktop/preload.cjs'),
      icon: join(root, 'resources/icon.png'),
      memory: host.memory('window'),
      log,
    });
    givePorts(opened.contents);
    opened.browserWindow.on('close', (event) => {
      // A Mac's app lives on without a window. Elsewhere closing it is quitting, with quitting's question.
      if (process.platform === 'darwin' || quit.isUnderWay()) return;
      event.preventDefault();
      app.quit();
    });
    opened.browserWindow.on('closed', () => {
      window = null;
    });
    opened.go('');
    return opened;
  }

  const show = () => {
    if (quit.isUnderWay()) return;
    if (window) window.focus();
    else window = open();
  };
  host.onShow((sandboxId) => {
    show();
    if (sandboxId !== undefined) window?.go(`/${sandboxId}/overview`);
  });
  // Without a listener Electron would quit with the last window.
  app.on('window-all-closed', () => undefined);
  app.on('activate', show);
  // Not before: the page asks at once for what it should know of the start.
  const opened = serving.then((served) => {
    show();
    log.info({ version, port: served?.port ?? null }, 'desktop host started');
  });
  return { show, quitNow: quit.now, opened };
}

/** The same server as the web host's. Without it there is a window all the same, and it says so. */
async function serveScripts(
  host: Host,
  options: { readonly home: string; readonly log: Log; readonly version: string; readonly pageFolder: string },
): Promise<ServedHost | null> {
  try {
    return await serveHost({ ...options, host, port: undefined });
  } catch (error) {
    options.log.error({ err: error }, 'scripts cannot reach this host');
    const why = error instanceof Error ? error.message : String(error);
    host.notify(`Scripts, the command line and browsers cannot reach this Terrarium: ${why}`);
    return null;
  }
}
