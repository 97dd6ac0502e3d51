import type { OciDialect } from './dialect.ts';
import { ensureNetwork, NETWORK } from './network.ts';

/** Docker's own API, of which the others are dialects. */
export const dockerDialect: OciDialect = {
  create: async (docker, options, abortSignal) => (await docker.createContainer({ ...options, abortSignal })).id,
  describe: (docker, id, _spec, abortSignal) => docker.getContainer(id).inspect({ abortSignal }),
  async network(client, signal) {
    await ensureNetwork(client, signal);
    return NETWORK;
  },
  async update(docker, ref, limits, abortSignal) {
    await docker.getContainer(ref).update({ ...limits, abortSignal });
  },
  runtimeFailures: ['OCI runtime exec failed'],
  unreadInputCosts: false,
  execKeepsPid: true,
  tailsWholeLines: true,
  statistics: 'stream',
  complete: (object) => object,
  follow: () => () => undefined,
  execOver: () => undefined,
};
