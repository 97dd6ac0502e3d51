import { type Capabilities, capabilitiesFor, type Feature } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import type { Log } from '../../lib/log.ts';
import type { Engine, EngineObject, EngineRef } from '../engine.ts';
import type { OciClient } from './client.ts';
import { openExecConsole } from './console.ts';
import { createContainer, type DaemonTraits, userOf } from './create.ts';
import { engineMessage, isGone } from './errors.ts';
import { runExec } from './exec.ts';
import { createMarker, killStale } from './exec-kill.ts';
import { createContainerFiles } from './files/container-files.ts';
import { isGvisorProcess } from './gvisor.ts';
import { createImageStore, type ImagesOptions } from './images.ts';
import { labels } from './labels.ts';
import {
  pauseContainer,
  removeContainer,
  startContainer,
  stopContainer,
  thaw,
  unpauseContainer,
  updateContainer,
} from './lifecycle.ts';
import { readLogs } from './logs.ts';
import { toEngineObject } from './objects.ts';
import { closeSessions } from './open-sessions.ts';
import { followOutputBytes } from './output-bytes.ts';
import { createSnapshotStore } from './snapshots.ts';
import { createSampler } from './stats.ts';
import { watchContainers } from './watch.ts';
import { handOverWorkspace } from './workspace.ts';

export interface OciEngineOptions {
  readonly kind: EngineKind;
  readonly owner: string;
  readonly log: Log;
  /** The connection to use now; throws `engine_unavailable` when there is none. */
  readonly connect: () => OciClient;
  /** Awaited before `connect`, where a connection has to be looked for. */
  readonly ready?: () => Promise<void>;
  /** What the last probe found; probes when none was. */
  readonly traits: () => Promise<DaemonTraits>;
  /** Engines' sockets on this machine, which no mount may lead to. */
  readonly sockets: () => readonly string[];
  readonly authFor: ImagesOptions['authFor'];
}

function requireFeature({ features }: Capabilities, name: Feature, engine: string): void {
  const { support, note } = features[name];
  if (support !== 'unsupported') return;
  throw new AppError('unsupported', `${engine} cannot do this here${note === undefined ? '' : `: ${note}`}`, {
    details: { feature: name },
  });
}

/** Inspects of one list that are under way at once. */
const PARALLEL = 16;

/** Everything that engines with Docker's API have in common; who composes it adds `probe`. */
export function createOciEngine(options: OciEngineOptions): Omit<Engine, 'probe'> {
  const { kind, owner, log, connect, traits } = options;
  const sampler = createSampler();
  const context = { kind, owner, log };
  /** Containers that are being saved just now. */
  const saving = new Set<EngineRef>();
  let swept = false;

  const inspectInfo = (client: OciClient, ref: EngineRef) =>
    client.call('inspect the container', (docker, abortSignal) => docker.getContainer(ref).inspect({ abortSignal }));

  const inspect = async (ref: EngineRef, client = connect()): Promise<EngineObject> =>
    client.dialect.complete(toEngineObject(await inspectInfo(client, ref), context));

  const list = async (): Promise<readonly EngineObject[]> => {
    const client = connect();
    const all = await client.call('list its containers', (docker, abortSignal) =>
      docker.listContainers({ all: true, abortSignal }),
    );
    const summaries = all.filter(({ Labels }) => Labels?.[labels.helper] === undefined);
    const objects: EngineObject[] = [];
    const rest = [...summaries];
    const worker = async () => {
      for (let next = rest.shift(); next; next = rest.shift()) {
        try {
          objects.push(await inspect(next.Id, client));
        } catch (error) {
          if (!isGone(error)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    if (!swept) {
      swept = true;
      void sweep(client, objects);
    }
    return objects;
  };

  /** Once: ends the execs and consoles of hosts that died. */
  const sweep = async (client: OciClient, objects: readonly EngineObject[]) => {
    for (const { ref, state, owned } of objects) {
      if (state !== 'running') continue;
      try {
        // Nothing is run in what others made.
        const { isolation } = await capabilitiesOf(ref, client, owned);
        await killStale(client, ref, owner, owned !== null && isolation === 'kernel');
      } catch (error) {
        log.debug({ ref, reason: engineMessage(error) }, 'leftover commands could not be looked for');
      }
    }
  };

  /** What holds for this container, by its runtime. */
  const capabilitiesOf = async (ref: EngineRef, client: OciClient, owned?: EngineObject['owned']) => {
    const { offer } = await traits();
    if (offer.runtimes.length === 0) return offer.capabilities;
    const known = owned ?? (await inspect(ref, client)).owned;
    // One whose runtime the daemon no longer has cannot run, whatever is said of it.
    return capabilitiesFor(offer, known?.spec.runtime) ?? offer.capabilities;
  };

  const create: Engine['create'] = async (request, task) => {
    task.signal.throwIfAborted();
    const found = await traits();
    const sockets = options.sockets();
    const info = await createContainer({ client: connect(), owner, traits: found, sockets }, request, task);
    return await inspect(info.Id);
  };

  const refuseWhileSaving = (ref: EngineRef) => {
    if (!saving.has(ref)) return;
    throw new AppError('conflict', 'The sandbox is being saved', { hint: 'It takes about a second; try again' });
  };

  const acting =
    (act: (client: OciClient, ref: EngineRef) => Promise<void>) =>
    async (ref: EngineRef): Promise<EngineObject> => {
      const client = connect();
      await act(client, ref);
      return await inspect(ref, client);
    };

  return {
    kind,
    list,
    inspect: (ref) => inspect(ref),
    inspectRaw: async (ref) => await inspectInfo(connect(), ref),
    watch: (signal, onReady) => {
      const client = connect();
      const look = async (ref: EngineRef) => {
        const object = await inspect(ref, client);
        if (object.state === 'stopped') closeSessions(client, ref);
        return object;
      };
      return watchContainers({ client, inspect: look, signal, onReady });
    },
    create,
    start: acting(startContainer),
    stop: (ref, graceMs) =>
      acting(async (client) => {
        await stopContainer(client, ref, graceMs);
        closeSessions(client, ref);
      })(ref),
    pause: acting(async (client, ref) => {
      requireFeature(await capabilitiesOf(ref, client), 'pause', client.engine);
      await pauseContainer(client, ref);
    }),
    resume: acting(unpauseContainer),
    async updateLimits(ref, limits) {
      const client = connect();
      const { owned } = await inspect(ref, client);
      requireFeature(await capabilitiesOf(ref, client, owned), 'updateLimits', client.engine);
      await updateContainer(client, ref, limits, owned?.spec.limits ?? {}, owned?.spec.profile ?? 'trusted');
    },
    async destroy(ref) {
      const client = connect();
      const info = await inspectInfo(client, ref).catch((error: unknown) => {
        if (isGone(error)) return null;
        throw error;
      });
      if (info === null) return;
      const { owned } = toEngineObject(info, context);
      // What gVisor keeps as "paused" can never be deleted once it is dead.
      const { Paused, Pid } = info.State;
      if (Paused && (owned?.spec.runtime !== undefined || isGvisorProcess(Pid))) await thaw(client, ref);
      if (owned) await handOverWorkspace(client, info, { id: owned.id, user: userOf(await traits()) });
      await removeContainer(client, ref);
      closeSessions(client, ref);
    },
    async exec(ref, request, io) {
      refuseWhileSaving(ref);
      return await runExec(connect(), ref, createMarker(owner), request, io);
    },
    async openConsole(ref, request) {
      refuseWhileSaving(ref);
      const client = connect();
      requireFeature(await capabilitiesOf(ref, client), 'console', client.engine);
      return await openExecConsole(client, ref, createMarker(owner), request);
    },
    snapshots: createSnapshotStore({
      connect,
      inspect,
      create,
      saving,
      async require(ref) {
        const client = connect();
        requireFeature(await capabilitiesOf(ref, client), 'snapshots', client.engine);
      },
    }),
    files: createContainerFiles({
      owner,
      async find(ref) {
        await options.ready?.();
        const client = connect();
        const info = await inspectInfo(client, ref);
        const { owned } = toEngineObject(info, context);
        const capabilities = await capabilitiesOf(ref, client, owned);
        requireFeature(capabilities, 'files', client.engine);
        const { isolation } = capabilities;
        return {
          client,
          info,
          isOurs: owned !== null,
          ownKernel: isolation === 'kernel' || isGvisorProcess(info.State.Pid),
        };
      },
    }),
    sample: async (refs) => await sampler.sample(connect(), refs),
    logs: (ref, logOptions) => readLogs(connect(), ref, logOptions),
    outputBytes: (ref, signal) => followOutputBytes(connect(), ref, signal),
    images: createImageStore({ connect, authFor: options.authFor }),
    async dispose() {
      sampler.dispose();
    },
  };
}
