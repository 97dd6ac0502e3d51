import { type App, type BrowserWindow, dialog, type MessageBoxOptions } from 'electron';
import type { Console } from '../../../shared/contract/consoles.ts';
import type { Log } from '../../lib/log.ts';

/** An engine that does not answer must not keep the app from ending. */
const DISPOSE_MS = 10_000;

export interface QuitOptions {
  readonly app: App;
  readonly consoles: () => readonly Console[];
  readonly window: () => BrowserWindow | null;
  /** Lets go of everything, the window included. */
  readonly dispose: () => Promise<void>;
  readonly log: Log;
}

export interface Quit {
  /** Without a question, for whoever cannot answer one (a signal). */
  readonly now: () => void;
  readonly isUnderWay: () => boolean;
}

/**
 * Every way out goes through here. It asks only when something would be lost: sandboxes go on
 * without Terrarium, programs in its consoles do not.
 */
export function handleQuit({ app, consoles, window, dispose, log }: QuitOptions): Quit {
  let state: 'open' | 'asking' | 'ending' = 'open';

  async function mayQuit(): Promise<boolean> {
    const running = consoles().filter((console) => console.exit === null);
    if (running.length === 0) return true;
    const options = question(running);
    const parent = window();
    const { response } = await (parent ? dialog.showMessageBox(parent, options) : dialog.showMessageBox(options));
    return response === QUIT_BUTTON;
  }

  async function end(): Promise<void> {
    state = 'ending';
    const limit = AbortSignal.timeout(DISPOSE_MS);
    const tooLong = new Promise<never>((_, reject) => {
      limit.addEventListener('abort', () => reject(limit.reason), { once: true });
    });
    try {
      await Promise.race([dispose(), tooLong]);
    } catch (error) {
      log.error({ err: error }, 'not everything was let go of in time');
    }
    app.exit(0);
  }

  async function ask(): Promise<void> {
    state = 'asking';
    if (await mayQuit()) await end();
    else state = 'open';
  }

  app.on('before-quit', (event) => {
    event.preventDefault();
    if (state !== 'open') return;
    ask().catch((error: unknown) => {
      state = 'open';
      log.error({ err: error }, 'the app could not ask whether to quit');
    });
  });

  return {
    now: () => {
      if (state !== 'ending') void end();
    },
    isUnderWay: () => state === 'ending',
  };
}

const QUIT_BUTTON = 0;
const CANCEL_BUTTON = 1;

function question(running: readonly Console[]): MessageBoxOptions {
  const programs = running.length === 1 ? 'a program' : `${running.length} programs`;
  const titles = [...new Set(running.map((console) => console.title))].join(', ');
  return {
    type: 'question',
    buttons: ['Quit', 'Cancel'],
    defaultId: CANCEL_BUTTON,
    cancelId: CANCEL_BUTTON,
    noLink: true,
    message: `Quit Terrarium and end ${programs} in its consoles?`,
    detail: `Still running: ${titles}. Sandboxes themselves go on.`,
  };
}
