import { afterAll, beforeAll } from 'vitest';
import { type HostProcess, makeHome, type StartOptions, startHost } from './host-process.ts';

export interface TestHost {
  readonly home: { readonly path: string };
  /** The one that runs now, also after `start`. */
  readonly host: HostProcess & {
    /** Another one on the same state folder, after the last one has ended. */
    readonly start: () => Promise<void>;
  };
}

/** A host for all tests of a file or of a `describe`, on a state folder of its own. Both are gone after them. */
export function hostForTests(options: StartOptions = {}): TestHost {
  let home: Awaited<ReturnType<typeof makeHome>> | undefined;
  let running: HostProcess | undefined;
  const made = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('there is no host before the first test');
    return thing;
  };
  const start = async () => {
    running = await startHost(made(home).path, options);
  };
  beforeAll(async () => {
    home = await makeHome();
    await start();
  });
  afterAll(async () => {
    await running?.stop();
    await home?.remove();
  });
  return {
    home: {
      get path() {
        return made(home).path;
      },
    },
    host: {
      get pid() {
        return made(running).pid;
      },
      get port() {
        return made(running).port;
      },
      get token() {
        return made(running).token;
      },
      get link() {
        return made(running).link;
      },
      get client() {
        return made(running).client;
      },
      get inspector() {
        return made(running).inspector;
      },
      stop: () => made(running).stop(),
      kill: () => made(running).kill(),
      start,
    },
  };
}
