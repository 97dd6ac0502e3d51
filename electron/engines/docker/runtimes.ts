import type { Capabilities, Runtime } from '../../../shared/model/engine.ts';
import type { OciClient } from '../oci/client.ts';
import type { Endpoint } from '../oci/connection.ts';
import { findGvisor, gvisorRuntime } from '../oci/gvisor.ts';
import { proveRuntime } from '../oci/runtime-proof.ts';

/** Where Docker puts its init into a container. */
const INIT = '/sbin/docker-init';

/** What of `/info` tells of runtimes. */
export interface RuntimeInfo {
  readonly ServerVersion: string;
  readonly DefaultRuntime: string;
  readonly Runtimes?: unknown;
  readonly ExperimentalBuild: boolean;
}

export interface Runtimes {
  /** Of the daemon's usual runtime, which may be gVisor. */
  readonly capabilities: Capabilities;
  /** Those that ran a container here. */
  readonly runtimes: readonly Runtime[];
  /** Why others are not offered. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Trials that are over or under way, by daemon and how it calls the runtime: one is enough for a host's life. */
const trials = new Map<string, Promise<string | null>>();

/** Which runtimes beside the usual one work here, and what they can do. */
export async function findRuntimes(
  client: OciClient,
  endpoint: Endpoint,
  info: RuntimeInfo,
  usual: Capabilities,
): Promise<Runtimes> {
  const runtimes: Runtime[] = [];
  const facts: Record<string, string> = {};
  let capabilities = usual;
  for (const found of findGvisor(info.Runtimes)) {
    const runtime = gvisorRuntime(found, { usual, checkpoints: info.ExperimentalBuild, local: client.local });
    if (found.name === info.DefaultRuntime) {
      ({ capabilities } = runtime);
      continue;
    }
    const key = JSON.stringify([endpoint.url, info.ServerVersion, found]);
    const trial = trials.get(key) ?? proveRuntime(client, found.name, INIT);
    trials.set(key, trial);
    const failure = await trial;
    if (failure === null) {
      runtimes.push(runtime);
    } else {
      // What failed may work the next time, e.g. when the machine was too busy.
      trials.delete(key);
      facts[`runtime ${found.name}`] = `not offered, it did not run a container: ${failure}`;
    }
  }
  return { capabilities, runtimes, facts };
}
