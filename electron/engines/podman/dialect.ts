import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import type { OciDialect } from '../oci/dialect.ts';
import { getJson, post } from '../oci/request.ts';
import { inDockersWords } from './describe.ts';
import { createExecMonitors } from './exec-monitors.ts';
import { createOomWatch, type OomWatchOptions } from './oom.ts';
import { resourcesOf, specOf } from './specgen.ts';

export interface PodmanDialect extends OciDialect {
  readonly dispose: () => void;
}

export interface DialectOptions extends OomWatchOptions {
  /** Where Podman's own API lies, e.g. `/v4.3.1/libpod`. */
  readonly libpod: () => string;
  /** `NetworkMode` of a sandbox that may reach everything; null: there is none that keeps sandboxes apart. */
  readonly fullNetwork: () => string | null;
  readonly local: boolean;
}

const created = z.object({ Id: z.string() });

/** Podman has Docker's API, and one of its own where that one loses something. */
export function createPodmanDialect({ libpod, fullNetwork, local, pidOf }: DialectOptions): PodmanDialect {
  const oom = createOomWatch({ pidOf });
  const monitors = createExecMonitors({ local });
  const at = (id: string) => `${libpod()}/containers/${encodeURIComponent(id)}`;
  return {
    async create(docker, options, abortSignal) {
      const answer = await post(docker, `${libpod()}/containers/create`, { body: specOf(options), abortSignal });
      return created.parse(answer).Id;
    },
    async describe(docker, id, spec, signal) {
      return inDockersWords(await getJson(docker, `${at(id)}/json`, signal), spec);
    },
    async network() {
      const mode = fullNetwork();
      if (mode === null) throw new AppError('unsupported', 'Podman has no network here that keeps sandboxes apart');
      return mode;
    },
    async update(docker, ref, limits, abortSignal) {
      await post(docker, `${at(ref)}/update`, { body: resourcesOf(limits), abortSignal });
    },
    // The runtime's name follows: crun's or runc's own words.
    runtimeFailures: ['Error: runc: ', 'Error: crun: ', 'Error: runsc: ', 'Error: OCI runtime'],
    // When the command's monitor (conmon) ends with input unread, Linux resets the socket (unixpacket) between the two:
    // Podman then reads an error before the output that lies there, says so on stderr, and reads no more. What a pipe
    // holds (64 KiB) the monitor has taken, once the command runs; of more than that, unread, output may still be lost.
    unreadInputCosts: true,
    execKeepsPid: false,
    // 4.3 appends pieces of long and unfinished lines to the line before them.
    tailsWholeLines: false,
    statistics: 'call',
    complete: oom.complete,
    follow: oom.follow,
    execOver: monitors.execOver,
    dispose() {
      oom.dispose();
      monitors.dispose();
    },
  };
}
