import type { Log } from '../lib/log.ts';
import { type Home, inHomeErrors, openHome } from './home.ts';
import { createHost, type Host, type HostOptions } from './host.ts';
import { openLog } from './log.ts';

export interface OpenHost {
  readonly home: Home;
  readonly log: Log;
  readonly host: Host;
}

/**
 * A host on a state folder that this process then has. Throws `conflict` when another one has it, `limit_exceeded` when
 * there is no room on its disk, and `denied` when it cannot be used.
 */
export function openHost(path: string, how: Pick<HostOptions, 'kind' | 'version'>): OpenHost {
  const home = openHome(path);
  try {
    return inHomeErrors(path, () => {
      const log = openLog(path);
      return { home, log, host: createHost({ ...how, home, log }) };
    });
  } catch (error) {
    home.release();
    throw error;
  }
}
