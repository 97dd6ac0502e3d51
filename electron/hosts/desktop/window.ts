import { BrowserWindow, nativeTheme, screen, type WebContents } from 'electron';
import type { Log } from '../../lib/log.ts';
import type { Memory } from '../host.ts';
import { parseRemembered, placeWindow, type Remembered, SMALLEST } from './bounds.ts';
import { PAGE_URL } from './page-url.ts';
import { safePreferences } from './security.ts';

export interface WindowOptions {
  readonly preload: string;
  readonly icon: string;
  readonly memory: Memory;
  readonly log: Log;
}

/** The page's own backgrounds (renderer/ui/tokens.css), so that nothing flashes before it is drawn. */
const BACKGROUND = { dark: '#0e1014', light: '#f4f5f7' };
/** Moving and resizing comes in dozens of events. */
const SETTLE_MS = 500;
/** A page that crashes again so soon is not loaded another time. */
const CRASH_MS = 10_000;

export interface AppWindow {
  readonly contents: WebContents;
  readonly browserWindow: BrowserWindow;
  /** Shows the page, at a place of it (`/sbx_…/overview`). Where only the place is another, the page stays as it is. */
  readonly go: (place: string) => void;
  /** Brings it to the front, also from the dock or the task bar. */
  readonly focus: () => void;
  /** Ends it, whatever the page thinks of that. Its place is kept. */
  readonly destroy: () => void;
}

/** Makes the window where it was left, and keeps in mind where it is. */
export function createWindow({ preload, icon, memory, log }: WindowOptions): AppWindow {
  const displays = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map((display) => display.workArea);
  const { bounds, maximised } = placeWindow(parseRemembered(memory.load()), displays);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: 'Terrarium',
    icon,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: safePreferences(preload),
  });
  window.once('ready-to-show', () => {
    if (maximised) window.maximize();
    window.show();
  });
  const savePlace = rememberPlace(window, memory);
  reloadAfterCrash(window.webContents, log);

  return {
    contents: window.webContents,
    browserWindow: window,
    go(place) {
      window.webContents
        .loadURL(`${PAGE_URL}${place === '' ? '' : `#${place}`}`)
        .catch((error: unknown) => log.error({ err: error }, 'the page could not be loaded'));
    },
    focus() {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    destroy() {
      savePlace();
      window.destroy();
    },
  };
}

/** Returns what saves it at once. */
function rememberPlace(window: BrowserWindow, memory: Memory): () => void {
  let timer: NodeJS.Timeout | undefined;
  const save = () => {
    clearTimeout(timer);
    const remembered: Remembered = { ...window.getNormalBounds(), maximised: window.isMaximized() };
    memory.save(remembered);
  };
  const saveSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, SETTLE_MS);
  };
  window.on('move', saveSoon);
  window.on('resize', saveSoon);
  window.on('close', save);
  window.on('closed', () => clearTimeout(timer));
  return save;
}

function reloadAfterCrash(contents: WebContents, log: Log): void {
  let last = Number.NEGATIVE_INFINITY;
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    log.error({ reason, exitCode }, 'the page crashed');
    const now = performance.now();
    // Sandboxes and consoles are the host's: a page that is loaded again has all of them.
    if (now - last > CRASH_MS) contents.reload();
    last = now;
  });
}
