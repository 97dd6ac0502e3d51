import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { inspect } from 'node:util';
import Dockerode from 'dockerode';
import { AppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import { createOciClient, type OciClient } from './client.ts';
import type { OciDialect } from './dialect.ts';

/** Where an engine listens, and with which certificates. */
export interface Endpoint {
  /** As Docker writes it: `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`. */
  readonly url: string;
  /** Who says so, for showing: `DOCKER_HOST`, `context desktop-linux`, `default`. */
  readonly origin: string;
  readonly tls: TlsFiles | null;
}

export interface TlsFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly verify: boolean;
}

export interface ConnectionOptions {
  /** The engine's name for people. */
  readonly engine: string;
  readonly dialect: OciDialect;
  readonly log: Log;
}

/** A client for an endpoint. Nothing is sent yet. */
export function connectTo(endpoint: Endpoint, { engine, dialect, log }: ConnectionOptions): OciClient {
  const { options, agent, local } = optionsFor(endpoint, engine);
  return createOciClient({
    engine,
    docker: new Dockerode(options),
    local,
    dialect,
    log,
    onDispose: () => agent?.destroy(),
  });
}

/** The types do not know of `agent`; the library passes it to Node. */
type Options = Dockerode.DockerOptions & { readonly agent?: Agent };

interface Connection {
  readonly options: Options;
  /** Ours alone, so that letting go of it closes what is open and nobody else's. */
  readonly agent: Agent | null;
  readonly local: boolean;
}

/** dockerode fills what is not given from the environment, so everything is given. */
const nothing = {
  host: undefined,
  port: undefined,
  username: undefined,
  socketPath: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  timeout: undefined,
};

/**
 * docker-modem describes each request in full, for a log that is off: the agent too, with every open connection and
 * what was asked on it.
 */
function quiet<T extends Agent>(agent: T): T {
  return Object.assign(agent, { [inspect.custom]: () => 'Agent' });
}

function optionsFor({ url, tls }: Endpoint, engine: string): Connection {
  if (url.startsWith('unix://')) {
    // Connecting to a socket file costs nothing, and a daemon that restarts then leaves no dead connection.
    const agent = quiet(new Agent({ keepAlive: false }));
    return { options: { ...nothing, protocol: 'http', socketPath: url.slice(7), agent }, agent, local: true };
  }
  const address = parse(url, engine);
  const port = address.port || (tls ? '2376' : '2375');
  if (address.protocol === 'ssh:') {
    const agent = process.env.SSH_AUTH_SOCK;
    const sshOptions = agent === undefined ? {} : { agent };
    const username = address.username || process.env.USER;
    const ssh = { host: address.hostname, port: address.port || '22', username, sshOptions };
    return { options: { ...nothing, protocol: 'ssh', ...ssh }, agent: null, local: false };
  }
  const host = address.hostname;
  if (tls) {
    const agent = quiet(new TlsAgent({ keepAlive: true, rejectUnauthorized: tls.verify }));
    const files = { ca: tls.ca ?? undefined, cert: tls.cert ?? undefined, key: tls.key ?? undefined };
    return { options: { ...nothing, protocol: 'https', host, port, ...files, agent }, agent, local: false };
  }
  const agent = quiet(new Agent({ keepAlive: true }));
  return { options: { ...nothing, protocol: 'http', host, port, agent }, agent, local: false };
}

function parse(url: string, engine: string): URL {
  const parsed = URL.parse(url);
  if (parsed && ['tcp:', 'http:', 'https:', 'ssh:'].includes(parsed.protocol)) return parsed;
  throw new AppError('engine_unavailable', `${engine}’s address ${url} is not understood`, {
    hint: 'It must look like unix:///path/to/engine.sock, tcp://host:2375 or ssh://user@host',
  });
}
