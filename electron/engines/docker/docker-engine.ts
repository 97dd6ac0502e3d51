import { homedir } from 'node:os';
import { pino } from 'pino';
import { AppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import type { Engine } from '../engine.ts';
import type { OciClient } from '../oci/client.ts';
import { connectTo, type Endpoint } from '../oci/connection.ts';
import type { DaemonTraits } from '../oci/create.ts';
import { dockerDialect } from '../oci/docker-dialect.ts';
import { asAppError } from '../oci/errors.ts';
import { createOciEngine } from '../oci/oci-engine.ts';
import { type EndpointSources, findEndpoint, usualSockets } from './endpoint.ts';
import { type Probed, probeDaemon, unavailableReport } from './probe.ts';
import { findRegistryAuth } from './registry-auth.ts';

export interface DockerEngineOptions {
  /** Names this Terrarium installation; containers of another owner are foreign. */
  readonly owner: string;
  /** The user's home folder, where Docker keeps its contexts. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
}

interface Connection {
  readonly endpoint: Endpoint;
  readonly client: OciClient;
}

export function createDockerEngine({ owner, home = homedir(), env = process.env, log }: DockerEngineOptions): Engine {
  const logger = log ?? pino({ enabled: false });
  const sources: EndpointSources = { env, home, platform: process.platform, uid: process.getuid?.() ?? null };
  let connection: Connection | null = null;
  let traits: DaemonTraits | null = null;
  let disposed = false;

  /** The endpoint is looked up each time, as the user may switch contexts; the client stays while it is the same. */
  const connect = (): Connection => {
    if (disposed) throw new AppError('engine_unavailable', 'Terrarium is shutting down');
    const endpoint = findEndpoint(sources);
    if (connection && JSON.stringify(connection.endpoint) === JSON.stringify(endpoint)) return connection;
    connection?.client.dispose();
    traits = null;
    connection = { endpoint, client: connectTo(endpoint, { engine: 'Docker', dialect: dockerDialect, log: logger }) };
    return connection;
  };

  const probeNow = async (): Promise<Probed> => {
    const { endpoint, client } = connect();
    const probed = await probeDaemon(client, endpoint);
    traits = probed.traits;
    return probed;
  };

  const shared = createOciEngine({
    kind: 'docker',
    owner,
    log: logger,
    connect: () => connect().client,
    async traits() {
      const found = traits ?? (await probeNow()).traits;
      if (found === null) throw new AppError('engine_unavailable', 'Docker does not answer');
      return found;
    },
    sockets: () => {
      const { url } = connect().endpoint;
      return [...usualSockets(sources), ...(url.startsWith('unix://') ? [url.slice(7)] : [])];
    },
    authFor: (reference) => findRegistryAuth(sources, reference, logger),
  });

  return {
    ...shared,
    async probe() {
      try {
        return (await probeNow()).report;
      } catch (error) {
        return unavailableReport(asAppError(error), currentEndpoint(sources), sources);
      }
    },
    async dispose() {
      disposed = true;
      connection?.client.dispose();
      await shared.dispose();
    },
  };
}

function currentEndpoint(sources: EndpointSources): Endpoint | null {
  try {
    return findEndpoint(sources);
  } catch {
    return null;
  }
}
