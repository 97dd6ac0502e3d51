import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { undo } from '../../lib/undo.ts';
import type { CreateRequest, EngineObject, EngineRef, Snapshot, SnapshotStore, Task } from '../engine.ts';
import type { OciClient } from './client.ts';
import { engineMessage, statusOf } from './errors.ts';
import { marksInside } from './exec-kill.ts';
import { WORKSPACE, WORKSPACE_FOLDER } from './objects.ts';
import { getJson, post, remove } from './request.ts';

export interface SnapshotOptions {
  readonly connect: () => OciClient;
  readonly inspect: (ref: EngineRef) => Promise<EngineObject>;
  readonly create: (request: CreateRequest, task: Task) => Promise<EngineObject>;
  /** Throws `unsupported` where this container cannot be saved. */
  readonly require: (ref: EngineRef) => Promise<void>;
  /** While it holds, no command may begin in the container. */
  readonly saving: Set<EngineRef>;
}

const checkpoints = z
  .array(z.object({ Name: z.string() }))
  .nullable()
  .transform((found) => found ?? []);

/** Memory goes to disk and comes back from there. */
const WRITE_MS = 120_000;
/** The daemon tidies up after a container that has ended; until then it cannot be started again. */
const TIDY_MS = 5000;
const SETTLE_MS = 1000;

const checkpointsOf = (ref: EngineRef) => `/containers/${encodeURIComponent(ref)}/checkpoints`;

/** The engine keeps a name and nothing else, so the time goes into it: milliseconds in base 36. */
const PREFIX = 'terrarium';
const idOf = (name: string) => `${PREFIX}.${Date.now().toString(36)}.${name}`;

function toSnapshot(id: string): Snapshot & { readonly id: string } {
  const [prefix, time, ...rest] = id.split('.');
  if (prefix !== PREFIX || time === undefined || rest.length === 0) return { id, name: id, createdAt: null };
  return { id, name: rest.join('.'), createdAt: Number.parseInt(time, 36) };
}

/**
 * Snapshots as checkpoints of the daemon (an experimental feature of its API), with gVisor as the
 * runtime. The daemon keeps them with the container, so they go when it does. To save ends the
 * container: leaving it running breaks with gVisor, so it is started again from what was saved.
 *
 * What was started from a snapshot is never saved again. The daemon pauses a container to save it and
 * resumes it afterwards, when one that was started from a snapshot is gone already. gVisor then keeps
 * it as "paused", which the daemon can neither delete nor start until its shim is killed by hand.
 */
export function createSnapshotStore({ connect, inspect, create, require, saving }: SnapshotOptions): SnapshotStore {
  const listAll = async (client: OciClient, ref: EngineRef) => {
    const answer = await client.call('list its snapshots', (docker, signal) =>
      getJson(docker, checkpointsOf(ref), signal),
    );
    // The client hands on as bytes what is no object: the daemon says `null` for "none".
    const found: unknown = Buffer.isBuffer(answer) ? JSON.parse(answer.toString()) : answer;
    return checkpoints.parse(found).map(({ Name }) => toSnapshot(Name));
  };

  const find = async (client: OciClient, ref: EngineRef, name: string) => {
    const found = (await listAll(client, ref)).find((each) => each.name === name);
    if (!found) throw new AppError('not_found', `There is no snapshot named ${name}`, { details: { snapshot: name } });
    return found;
  };

  return {
    async create(ref, name, signal) {
      const client = connect();
      await require(ref);
      if (saving.has(ref)) throw new AppError('conflict', 'The sandbox is being saved already');
      saving.add(ref);
      try {
        await requireQuiet(client, ref);
        await requireFresh(client, ref);
        if ((await listAll(client, ref)).some((each) => each.name === name)) {
          throw new AppError('conflict', `There is a snapshot named ${name} already`, {
            hint: 'Choose another name, or remove it first',
            details: { field: 'name' },
          });
        }
        signal.throwIfAborted();
        const id = idOf(name);
        // From here on it is gone through with: half a snapshot is a sandbox that has ended.
        await client.call(
          'save the sandbox',
          (docker, abortSignal) =>
            post(docker, checkpointsOf(ref), { body: { CheckpointID: id, Exit: true }, abortSignal }),
          { timeoutMs: WRITE_MS },
        );
        await goOn(client, ref, id);
        if (signal.aborted) await removeCheckpoint(client, ref, id);
        signal.throwIfAborted();
      } finally {
        saving.delete(ref);
      }
    },

    async list(ref) {
      const found = await listAll(connect(), ref);
      return found.map(({ name, createdAt }) => ({ name, createdAt }));
    },

    async restore(ref, name, signal) {
      const client = connect();
      await require(ref);
      const { id } = await find(client, ref, name);
      signal.throwIfAborted();
      await end(client, ref);
      await startFrom(client, ref, id);
      await rememberRestored(client, ref);
      return await inspect(ref);
    },

    async clone(ref, name, request, task) {
      const client = connect();
      await require(ref);
      const { id } = await find(client, ref, name);
      const { workspace } = await inspect(ref);
      task.progress('Copying the workspace');
      await copyWorkspace(workspace, request.directory, task.signal);
      const made = await create(request, task);
      try {
        task.progress('Loading what was saved');
        // The daemon joins the name onto the new container's own folder of checkpoints.
        await startFrom(client, made.ref, `../../${ref}/checkpoints/${id}`);
        await rememberRestored(client, made.ref);
        task.signal.throwIfAborted();
        return await inspect(made.ref);
      } catch (error) {
        return undo(error, client.log, {
          'remove the container': () =>
            client.call('remove the container', (docker, abortSignal) =>
              docker.getContainer(made.ref).remove({ force: true, v: true, abortSignal }),
            ),
        });
      }
    },

    async remove(ref, name) {
      const client = connect();
      const { id } = await find(client, ref, name);
      await removeCheckpoint(client, ref, id);
    },
  };
}

async function goOn(client: OciClient, ref: EngineRef, checkpoint: string): Promise<void> {
  try {
    await startFrom(client, ref, checkpoint);
    await rememberRestored(client, ref);
  } catch (error) {
    const stopped = new AppError('internal', 'The sandbox has stopped: it could not go on from what was saved', {
      hint: 'Start it afresh. Something in it may use what cannot be saved',
      details: isAppError(error) ? (error.details ?? {}) : {},
      cause: error,
    });
    await undo(stopped, client.log, { 'remove the snapshot': () => removeCheckpoint(client, ref, checkpoint) });
  }
}

/**
 * Running, and nothing in it but what its main program started: a command from outside, and what it
 * left running, has its pipes at the daemon. gVisor saves them without complaint and can never load
 * what it saved.
 */
async function requireQuiet(client: OciClient, ref: EngineRef): Promise<void> {
  if ((await marksInside(client, ref)).size > 0) throw busy();
  const giveUp = Date.now() + SETTLE_MS;
  // A command that has just ended, like the one that looked, is noted a moment later.
  while (!(await looksQuiet(client, ref))) {
    if (Date.now() > giveUp) throw busy();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const busy = () =>
  new AppError('conflict', 'The sandbox cannot be saved while a console or a command is open in it', {
    hint: 'Close its consoles, wait for its commands, and end what they left running',
    details: { reason: 'busy' },
  });

/** Whether no command is open. Throws `conflict` when it does not run. */
async function looksQuiet(client: OciClient, ref: EngineRef): Promise<boolean> {
  const info = await client.call('inspect the container', (docker, abortSignal) =>
    docker.getContainer(ref).inspect({ abortSignal }),
  );
  if (!info.State.Running || info.State.Paused) {
    const state = info.State.Paused ? 'paused' : 'not running';
    throw new AppError('conflict', `Only a running sandbox can be saved; it is ${state}`, { hint: 'Start it first' });
  }
  const { ExecIDs: execs } = info as Dockerode.ContainerInspectInfo & { readonly ExecIDs?: readonly string[] | null };
  return !execs || execs.length === 0;
}

/** In the sandbox's own folder: when the run began that goes on from a snapshot, in the daemon's words. */
const RESTORED_FILE = 'restored-run';

async function lookAtRun(client: OciClient, ref: EngineRef) {
  const info = await client.call('inspect the container', (docker, abortSignal) =>
    docker.getContainer(ref).inspect({ abortSignal }),
  );
  const workspace = info.Mounts.find(({ Destination }) => Destination === WORKSPACE)?.Source;
  return { startedAt: info.State.StartedAt, file: workspace ? join(dirname(workspace), RESTORED_FILE) : null };
}

async function rememberRestored(client: OciClient, ref: EngineRef): Promise<void> {
  const { startedAt, file } = await lookAtRun(client, ref);
  if (file !== null) await writeFile(file, startedAt);
}

async function requireFresh(client: OciClient, ref: EngineRef): Promise<void> {
  const { startedAt, file } = await lookAtRun(client, ref);
  if (file === null) throw new AppError('unsupported', 'Only sandboxes with a workspace on this machine can be saved');
  const restored = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (restored !== startedAt) return;
  throw new AppError('conflict', 'The sandbox goes on from a snapshot, and gVisor cannot save it a second time', {
    hint: 'Stop and start it afresh to save it again; its snapshots stay',
    details: { reason: 'restored' },
  });
}

/** Its state is about to be thrown away, so nothing is asked. */
async function end(client: OciClient, ref: EngineRef): Promise<void> {
  const container = client.docker.getContainer(ref);
  const { State } = await client.call('inspect the container', (_docker, abortSignal) =>
    container.inspect({ abortSignal }),
  );
  if (!State.Running) return;
  await client.call('end the container', async (_docker, abortSignal) => {
    if (State.Paused) await container.unpause({ abortSignal });
    await container.kill({ signal: 'SIGKILL', abortSignal });
    await container.wait({ condition: 'not-running', abortSignal });
  });
}

async function startFrom(client: OciClient, ref: EngineRef, checkpoint: string): Promise<void> {
  await client.call(
    'load what was saved',
    async (docker, abortSignal) => {
      for (const giveUp = Date.now() + TIDY_MS; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
        try {
          await post(docker, `/containers/${encodeURIComponent(ref)}/start`, { query: { checkpoint }, abortSignal });
          return;
        } catch (error) {
          if (/restore failed/i.test(engineMessage(error))) throw notLoaded(error);
          // 304: the daemon has not noticed yet that it ended.
          const tidying = statusOf(error) === 304 || /already in use|already exists/i.test(engineMessage(error));
          if (!tidying || Date.now() > giveUp) throw error;
        }
      }
    },
    { timeoutMs: WRITE_MS },
  );
}

function notLoaded(error: unknown): AppError {
  return new AppError('internal', 'What was saved cannot be loaded', {
    // A whole trace of gVisor's kernel may follow.
    details: { engine: engineMessage(error).slice(0, 500) },
    cause: error,
  });
}

async function removeCheckpoint(client: OciClient, ref: EngineRef, id: string): Promise<void> {
  await client.call('remove a snapshot', (docker, signal) =>
    remove(docker, `${checkpointsOf(ref)}/${encodeURIComponent(id)}`, signal),
  );
}

/** What was saved has files of the workspace open, by their paths. `cp` keeps owners, holes and links. */
async function copyWorkspace(from: string | null, directory: string, signal: AbortSignal): Promise<void> {
  if (from === null) return;
  const to = join(directory, WORKSPACE_FOLDER);
  await mkdir(to, { recursive: true });
  try {
    await promisify(execFile)('cp', ['-a', `${from}/.`, to], { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new AppError('denied', 'Not all files of the workspace can be copied', {
      hint: 'Sandboxes of the profile trusted may own files there that this user may not read',
      details: { reason: error instanceof Error ? error.message : String(error) },
      cause: error,
    });
  }
}
