import type { EventEmitter } from 'node:events';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { afterEach, beforeEach, vi } from 'vitest';
import type { Client } from '../../client/connection.ts';
import { makeHome } from '../../testing/host-process.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { runApp } from '../run-app.ts';
import { app, type BrowserWindow, becomeReady, fake, resetFake } from './fake-electron.ts';

export interface AppBench {
  readonly home: () => string;
  /** Runs the app until it has opened its window. */
  readonly start: () => Promise<BrowserWindow>;
  /** The same, with what its page does; the process engine is there. */
  readonly startWithClient: () => Promise<Client>;
  /** So that the next run can be told from this one, on the same state folder. */
  readonly forgetRun: () => void;
}

export const hasExited = (): boolean => fake.calls.some((call) => call.startsWith('exit'));
export const exit = (): Promise<string> =>
  waitFor('the end', async () => fake.calls.find((call) => call.startsWith('exit')));

/** What the app listens to on this very process. */
const processEvents = ['SIGINT', 'SIGTERM', 'SIGHUP', 'unhandledRejection'];
const emitter: EventEmitter = process;
const processListeners = () => processEvents.map((name) => ({ name, all: emitter.listeners(name) }));

/** What the page does with the port that its preload hands on. */
export function connect(window: BrowserWindow): { readonly client: Client; readonly closed: () => boolean } {
  const given = window.webContents.given.at(-1);
  if (!given) throw new Error('the page got no port');
  const { port } = given;
  const client = createORPCClient<Client>(new RPCLink({ port }));
  port.start();
  return { client, closed: () => port.closed };
}

export async function createSandbox(client: Client, name = 'desktop'): Promise<string> {
  const spec = { name, engine: 'process', source: { type: 'empty' } } as const;
  return (await client.sandboxes.createAndWait({ spec })).id;
}

/** The app in this process, on a state folder of each test's own. The test file mocks `electron` with fake-electron.ts. */
export function withApp(): AppBench {
  let home: Awaited<ReturnType<typeof makeHome>>;
  let listeners: ReturnType<typeof processListeners>;

  beforeEach(async () => {
    resetFake();
    home = await makeHome();
    vi.stubEnv('TERRARIUM_HOME', home.path);
    fake.appPath = home.path;
    listeners = processListeners();
  });
  afterEach(async () => {
    if (fake.windows.length > 0 && !hasExited()) {
      fake.answer = 0;
      app.quit();
      await exit();
    }
    for (const { name, all } of processListeners()) {
      const others = listeners.find((known) => known.name === name)?.all ?? [];
      for (const listener of all) {
        if (!others.includes(listener)) emitter.off(name, listener as () => void);
      }
    }
    vi.unstubAllEnvs();
    await home.remove();
  });

  async function start(): Promise<BrowserWindow> {
    runApp();
    becomeReady();
    return waitFor('the window', async () => fake.windows.at(-1));
  }
  return {
    home: () => home.path,
    start,
    async startWithClient() {
      const window = await start();
      window.webContents.emit('did-finish-load');
      const { client } = connect(window);
      const isThere = async () =>
        (await client.engines.list({})).find(({ kind }) => kind === 'process')?.status === 'available';
      await waitFor('the engine', isThere);
      return client;
    },
    forgetRun() {
      app.removeAllListeners();
      fake.calls = [];
      fake.windows = [];
    },
  };
}
