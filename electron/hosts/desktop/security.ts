import { type App, type Session, shell, type WebContents, type WebPreferences } from 'electron';
import type { Log } from '../../lib/log.ts';
import { isOwnUrl, isPage } from './page-url.ts';

/** The page is treated like a website: nothing of Node, nothing of Electron, a process sandbox of its own. */
export function safePreferences(preload: string): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    // It would fetch dictionaries from the network.
    spellcheck: false,
  };
}

/**
 * Copy writes to the clipboard. Paste of the terminal's own menu reads it; there is no key press
 * behind a menu entry that would make the browser paste by itself. Everything else is denied.
 */
const allowed: readonly string[] = ['clipboard-sanitized-write', 'clipboard-read'];

export function isAllowed(permission: string, requester: string, isMainFrame: boolean): boolean {
  return isMainFrame && allowed.includes(permission) && isOwnUrl(requester);
}

/** What the page may ask of the machine, and what it may load. */
export function secureSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(isAllowed(permission, details.requestingUrl, details.isMainFrame)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin, details) =>
    isAllowed(permission, origin, details.isMainFrame),
  );
  session.setDevicePermissionHandler(() => false);
  // The page's policy says the same; this holds also for what a policy does not cover.
  session.webRequest.onBeforeRequest(
    { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'] },
    (_details, callback) => callback({ cancel: true }),
  );
}

/** Guards every page that ever comes to be, not only the window's. */
export function securePages(app: App, log: Log): void {
  app.on('web-contents-created', (_event, contents) => secureContents(contents, log));
}

function secureContents(contents: WebContents, log: Log): void {
  contents.on('will-frame-navigate', (event) => {
    // To the page itself is a reload.
    if (event.isMainFrame && isPage(event.url)) return;
    event.preventDefault();
    log.warn({ url: event.url }, 'a navigation was denied');
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url, log);
    return { action: 'deny' };
  });
}

/** Only web links leave the app: other schemes start programs. */
function openOutside(url: string, log: Log): void {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    log.warn({ url }, 'a link was denied');
    return;
  }
  shell
    .openExternal(parsed.href)
    .catch((error: unknown) => log.warn({ err: error, url }, 'a link could not be opened in the browser'));
}
