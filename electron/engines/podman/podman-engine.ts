import { homedir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { AppError } from '../../../shared/model/error.ts';
import type { Log } from '../../lib/log.ts';
import type { Engine, EngineChange } from '../engine.ts';
import type { OciClient } from '../oci/client.ts';
import { connectTo, type Endpoint } from '../oci/connection.ts';
import { asAppError } from '../oci/errors.ts';
import { createOciEngine } from '../oci/oci-engine.ts';
import { createPodmanDialect, type PodmanDialect } from './dialect.ts';
import { configuredEndpoint, findProgram, type PodmanSources, ROOTFUL_SOCKET, usualSockets } from './endpoint.ts';
import { OLDEST_API, type Probed, probePodman } from './probe.ts';
import { createPodmanService, type PodmanService } from './service.ts';
import { listens } from './socket.ts';
import { unavailableReport } from './unavailable.ts';

export interface PodmanEngineOptions {
  /** Names this Terrarium installation; containers of another owner are foreign. */
  readonly owner: string;
  /** Terrarium's state folder: a service that has to be started listens below it. */
  readonly state: string;
  /** The user's home folder, where Podman keeps its connections. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
}

/** From a service's hanging up to its end. */
const DYING_MS = 1000;

interface Connection {
  readonly endpoint: Endpoint;
  readonly client: OciClient;
  readonly dialect: PodmanDialect;
  probed: Probed | null;
}

export function createPodmanEngine(options: PodmanEngineOptions): Engine {
  const { owner, state, home = homedir(), env = process.env } = options;
  const log = options.log ?? pino({ enabled: false });
  const sources: PodmanSources = { env, home, platform: process.platform, uid: process.getuid?.() ?? null };
  let service: PodmanService | null = null;
  let connection: Connection | null = null;
  let finding: Promise<Connection> | null = null;
  let disposed = false;
  /** What was tried last, for the report of why it failed. */
  let tried: Endpoint | null = null;

  const use = (endpoint: Endpoint): Connection => {
    tried = endpoint;
    if (disposed) throw new AppError('engine_unavailable', 'Terrarium is shutting down');
    if (connection && JSON.stringify(connection.endpoint) === JSON.stringify(endpoint)) return connection;
    letGo();
    const made = connectionTo(endpoint, log);
    connection = made;
    return made;
  };
  const letGo = () => {
    connection?.client.dispose();
    connection?.dialect.dispose();
    connection = null;
  };

  /** The user's choice, else a socket somebody serves, else a service of this host's own. */
  const find = async (): Promise<Connection> => {
    if (disposed) throw new AppError('engine_unavailable', 'Terrarium is shutting down');
    tried = null;
    const configured = configuredEndpoint(sources);
    if (configured) return use(configured);
    // What is open on it, e.g. consoles, must not break because a socket unit was switched on meanwhile.
    if (service?.isRunning()) return use(unixEndpoint(await service.ensure(), 'started by Terrarium'));
    for (const path of usualSockets(sources)) {
      if (await listens(path)) return use(unixEndpoint(path, 'default'));
    }
    const program = sources.platform === 'linux' ? findProgram(sources) : null;
    if (program !== null) {
      service ??= createPodmanService({ program, folder: join(state, 'podman'), env, log });
      return use(unixEndpoint(await service.ensure(), 'started by Terrarium'));
    }
    // An ordinary user without the program can still have been let into the system's.
    if (sources.platform === 'linux' && (await listens(ROOTFUL_SOCKET))) {
      return use(unixEndpoint(ROOTFUL_SOCKET, 'default'));
    }
    if (findProgram(sources) !== null) tried = unixEndpoint(usualSockets(sources)[0] ?? '', 'default');
    throw new AppError('engine_unavailable', 'There is no Podman', {
      details: { reason: tried === null ? 'missing' : 'not running' },
    });
  };

  const ready = (): Promise<Connection> => {
    finding ??= find().finally(() => {
      finding = null;
    });
    return finding;
  };

  const ask = async (): Promise<Probed> => {
    const now = await ready();
    const probed = await probePodman(now.client, now.endpoint);
    now.probed = probed;
    return probed;
  };
  const probeNow = async (): Promise<Probed> => {
    try {
      return await ask();
    } catch (error) {
      // A service that is being killed hangs up first, takes connections for a moment longer, and is then heard of.
      if (disposed || service === null || !(await service.endsWithin(DYING_MS))) throw error;
      return await ask();
    }
  };

  const settle = async () => {
    const now = await ready();
    // Every way of making, checking and changing needs to know which Podman it is.
    if (now.probed === null) await probeNow();
  };
  const shared = createOciEngine({
    kind: 'podman',
    owner,
    log,
    ready: settle,
    connect() {
      if (connection) return connection.client;
      throw new AppError('engine_unavailable', 'Podman has not been found yet');
    },
    traits: async () => (connection?.probed ?? (await probeNow())).traits,
    sockets: () => [
      ROOTFUL_SOCKET,
      ...usualSockets(sources),
      ...(connection?.endpoint.url.startsWith('unix://') ? [connection.endpoint.url.slice(7)] : []),
    ],
    // Podman itself reads what `podman login` has left.
    authFor: async () => undefined,
  });
  const found =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await settle();
      return await call(...args);
    };
  const { images, files } = shared;

  return {
    kind: 'podman',
    async probe() {
      try {
        return (await probeNow()).report;
      } catch (error) {
        return unavailableReport(asAppError(error), tried, sources);
      }
    },
    list: found(shared.list),
    inspect: found(shared.inspect),
    inspectRaw: found(shared.inspectRaw),
    async *watch(signal, onReady): AsyncGenerator<EngineChange, void> {
      await found(async () => undefined)();
      yield* shared.watch(signal, onReady);
    },
    create: found(shared.create),
    start: found(shared.start),
    stop: found(shared.stop),
    pause: found(shared.pause),
    resume: found(shared.resume),
    updateLimits: found(shared.updateLimits),
    destroy: found(shared.destroy),
    exec: found(shared.exec),
    openConsole: found(shared.openConsole),
    sample: found(shared.sample),
    async *logs(ref, logOptions) {
      await found(async () => undefined)();
      yield* shared.logs(ref, logOptions);
    },
    async *outputBytes(ref, signal) {
      await found(async () => undefined)();
      yield* shared.outputBytes?.(ref, signal) ?? [];
    },
    ...(files && { files }),
    ...(images && {
      images: {
        list: found(images.list),
        async *pull(reference, signal) {
          await found(async () => undefined)();
          yield* images.pull(reference, signal);
        },
      },
    }),
    async dispose() {
      disposed = true;
      await finding?.catch(() => undefined); // told to who asked
      letGo();
      await shared.dispose();
      await service?.stop();
    },
  };
}

function unixEndpoint(path: string, origin: string): Endpoint {
  return { url: `unix://${path}`, origin, tls: null };
}

function connectionTo(endpoint: Endpoint, log: Log): Connection {
  const local = endpoint.url.startsWith('unix://');
  const dialect = createPodmanDialect({
    libpod: () => made.probed?.libpod ?? OLDEST_API,
    fullNetwork: () => made.probed?.fullNetwork ?? null,
    local,
    async pidOf(ref) {
      if (!local || process.platform !== 'linux') return null;
      const { State } = await made.client.call('inspect the container', (docker, abortSignal) =>
        docker.getContainer(ref).inspect({ abortSignal }),
      );
      return State.Running && State.Pid > 0 ? State.Pid : null;
    },
  });
  const client = connectTo(endpoint, { engine: 'Podman', dialect, log });
  const made: Connection = { endpoint, client, dialect, probed: null };
  return made;
}
