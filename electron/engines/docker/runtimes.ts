import type { Capabilities } from '../../../shared/model/engine.ts';
import type { OciClient } from '../oci/client.ts';
import type { Endpoint } from '../oci/connection.ts';
import { findGvisor, gvisorRuntime } from '../oci/gvisor.ts';
import { proveRuntimes, type Runtimes } from '../oci/runtimes.ts';

/** Where Docker puts its init into a container. */
const INIT = '/sbin/docker-init';

/** What of `/info` tells of runtimes. */
export interface RuntimeInfo {
  readonly ServerVersion: string;
  readonly DefaultRuntime: string;
  readonly Runtimes?: unknown;
  readonly ExperimentalBuild: boolean;
}

/** Which runtimes beside the usual one work here, and what they can do. */
export function findRuntimes(
  client: OciClient,
  endpoint: Endpoint,
  info: RuntimeInfo,
  usual: Capabilities,
): Promise<Runtimes> {
  return proveRuntimes(client, findGvisor(info.Runtimes), {
    endpoint,
    version: info.ServerVersion,
    usual: { name: info.DefaultRuntime, capabilities: usual },
    init: INIT,
    describe: (found) => gvisorRuntime(found, { usual, checkpoints: info.ExperimentalBuild, local: client.local }),
  });
}
