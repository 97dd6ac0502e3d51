import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { OciClient } from './client.ts';
import { labels } from './labels.ts';

/** The bridge of sandboxes with the network mode `full`; made when the first one needs it. */
export const NETWORK = 'terrarium';

/**
 * Makes sure that the bridge is there and ours. Sandboxes on it do not reach each other, and what is
 * published without an address is published on 127.0.0.1. It stays, as containers refer to it by id.
 */
export async function ensureNetwork(client: OciClient, signal?: AbortSignal): Promise<void> {
  const find = async () => {
    const networks = await client.call(
      'list its networks',
      (docker, abortSignal) => docker.listNetworks({ filters: { name: [NETWORK] }, abortSignal }),
      { signal },
    );
    // The filter matches parts of names as well.
    return networks.find((network) => network.Name === NETWORK);
  };
  const existing = await find();
  if (existing) {
    if (existing.Labels?.[labels.network] !== undefined) return;
    throw new AppError('conflict', `There is already a network named ${NETWORK} that Terrarium did not make`, {
      hint: `Remove it with: docker network rm ${NETWORK}`,
      details: { field: 'network' },
    });
  }
  try {
    await client.call(
      'make the network for sandboxes',
      (docker, abortSignal) =>
        docker.createNetwork({
          Name: NETWORK,
          CheckDuplicate: true,
          Driver: 'bridge',
          Labels: { [labels.network]: 'bridge' },
          Options: {
            'com.docker.network.bridge.enable_icc': 'false',
            'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
          },
          abortSignal,
        }),
      { signal },
    );
  } catch (error) {
    // Somebody made it in between.
    if (!(isAppError(error, 'conflict') && (await find()))) throw error;
  }
}
