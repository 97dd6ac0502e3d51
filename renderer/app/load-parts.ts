import { LoadFailure, partLoaders } from '../lib/lazy-part.tsx';
import type { Page } from '../stores/page.ts';
import type { SandboxesStore } from '../stores/sandboxes.ts';
import type { Connection } from './connection/connection.ts';

/** In the browser's list of marks when everything is here; for whoever measures or tests the page. */
export const PARTS_LOADED = 'terrarium:parts';
/** A page that is never idle gets its parts all the same. */
const IDLE_AT_MOST_MS = 1000;

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: IDLE_AT_MOST_MS });
    else setTimeout(resolve, 50); // Safari
  });
}

/** Resolves when there is a list to look at: until then, the page has better things to do. */
function listed(sandboxes: SandboxesStore): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (sandboxes.getState().byId === null) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = sandboxes.subscribe(check);
    check();
  });
}

/** Resolves with the generation of a connection that stands. */
function connected({ state }: Connection): Promise<number> {
  return new Promise((resolve) => {
    const check = () => {
      const { status, generation } = state.getState();
      if (status !== 'connected') return;
      unsubscribe();
      resolve(generation);
    };
    const unsubscribe = state.subscribe(check);
    check();
  });
}

/**
 * Loads what was left out of the first load, one part after another whenever the browser has time: what
 * is needed while the host is away must be here before. A part that does not come is asked for again
 * with the next connection.
 */
export async function loadParts({ connection, sandboxes }: Pick<Page, 'connection' | 'sandboxes'>): Promise<void> {
  await listed(sandboxes);
  for (const load of partLoaders()) {
    for (let tried = -1; ; ) {
      await idle();
      const generation = await connected(connection);
      if (generation === tried) break; // not the connection's fault; who opens it is told
      tried = generation;
      try {
        await load();
        break;
      } catch (error) {
        if (!(error instanceof LoadFailure)) throw error;
        // A killed host's files are away a moment before its socket is known to be.
        if (connection.state.getState().status === 'connected') await lost(connection);
      }
    }
  }
  performance.mark(PARTS_LOADED);
}

/** Resolves when the connection is gone, or after a while in which it was not. */
function lost({ state }: Connection): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(done, 2 * IDLE_AT_MOST_MS);
    const unsubscribe = state.subscribe(({ status }) => {
      if (status !== 'connected') done();
    });
  });
}
