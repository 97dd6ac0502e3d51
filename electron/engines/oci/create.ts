import { chmod, chown, mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type Dockerode from 'dockerode';
import { capabilitiesFor, type EngineOffer } from '../../../shared/model/engine.ts';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { refusals } from '../../../shared/model/refusal.ts';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import { portKey } from '../../lib/ports.ts';
import type { CreateRequest, Task } from '../engine.ts';
import type { OciClient } from './client.ts';
import { engineMessage } from './errors.ts';
import { hostConfigOf } from './host-config.ts';
import { labels, ownLabels } from './labels.ts';
import { resolveMounts } from './mounts.ts';
import { WORKSPACE, WORKSPACE_FOLDER } from './objects.ts';
import { allocatePorts } from './ports.ts';
import { verify } from './verify.ts';

/** What a probe found out about a daemon that matters for making containers. */
export interface DaemonTraits {
  readonly offer: EngineOffer;
  /** The daemon runs as a user; uid 0 inside is that user outside. */
  readonly rootless: boolean;
  readonly swapLimit: boolean;
  /** The number of a container's processes can be limited at all. */
  readonly pidsLimit: boolean;
  /** Containers can have a cgroup namespace of their own, so that they do not see where they are in the machine's. */
  readonly privateCgroups: boolean;
}

export interface CreateContext {
  readonly client: OciClient;
  readonly owner: string;
  readonly traits: DaemonTraits;
  /** Engines' sockets that no mount may lead to. */
  readonly sockets: readonly string[];
}

/** Makes a container that is not started, and gives its id. Nothing stays when it fails. */
export async function createContainer(
  context: CreateContext,
  request: CreateRequest,
  { signal, progress }: Task,
): Promise<Dockerode.ContainerInspectInfo> {
  const { client, traits, owner } = context;
  const { spec } = request;
  signal.throwIfAborted();
  refuse(spec, traits.offer);
  const mounts = await resolveMounts(spec, { sockets: context.sockets, state: dirname(dirname(request.directory)) });
  const image = await findImage(client, spec, signal);
  const user = userOf(traits, spec.userns);
  const workspace = client.local ? await makeWorkspace(request, user) : null;
  let network = 'none';
  if (spec.network.mode === 'full') {
    progress('Preparing the network');
    network = await client.dialect.network(client, signal);
  }
  using allocation = await allocatePorts(client, request);
  const { ports } = allocation;
  try {
    progress('Creating the container');
    const { swapLimit, pidsLimit, privateCgroups } = traits;
    const ownKernel = capabilitiesFor(traits.offer, spec.runtime)?.isolation === 'kernel';
    const promised = { ports, mounts, user, workspace, network, pidsLimit, privateCgroups, ownKernel };
    const host = hostConfigOf({ spec, ...promised });
    const options: Dockerode.ContainerCreateOptions = {
      name: containerName(request),
      Image: image.Id,
      ...mainProgram(spec, image),
      Env: Object.entries({ HOME: WORKSPACE, ...spec.env }).map(([name, value]) => `${name}=${value}`),
      WorkingDir: spec.workdir ?? WORKSPACE,
      Labels: ownLabels(owner, request, ports.map(portKey)),
      ExposedPorts: Object.fromEntries(ports.map(({ port, protocol }) => [`${port}/${protocol}`, {}])),
      ...(spec.profile === 'trusted' ? {} : { User: user }),
      HostConfig: host,
    };
    // Shown instead of the id, so that the list names what was asked for.
    if (spec.source.type === 'image') options.Image = spec.source.reference;
    const id = await client.call(
      'create the container',
      (docker, abortSignal) => client.dialect.create(docker, options, abortSignal),
      { signal },
    );
    progress('Checking its protections');
    const info = await client.call(
      'inspect the container',
      (docker, abortSignal) => client.dialect.describe(docker, id, spec, abortSignal),
      { signal },
    );
    verify(info, { request, swapLimit, ...promised }, client.engine);
    signal.throwIfAborted();
    return info;
  } catch (error) {
    await undo(context, request);
    throw error;
  }
}

function refuse(spec: SandboxSpec, offer: EngineOffer): void {
  const found = [...refusals(spec, offer)];
  if (spec.profile === 'strict' && spec.network.mode === 'full') {
    found.push({
      field: 'network',
      message: 'The profile strict has no network; choose none, or the profile standard',
    });
  }
  if (found.length === 0) return;
  throw new AppError('unsupported', found.map(({ message }) => message).join('; '), {
    details: { field: found[0]?.field ?? 'spec', refusals: found.map((each) => ({ ...each })) },
  });
}

async function findImage(
  client: OciClient,
  spec: SandboxSpec,
  signal: AbortSignal,
): Promise<Dockerode.ImageInspectInfo> {
  if (spec.source.type !== 'image') throw new AppError('unsupported', 'Containers start from an image');
  const { reference } = spec.source;
  try {
    return await client.call('look up the image', (docker) => docker.getImage(reference).inspect(), { signal });
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error;
    throw new AppError('not_found', `The image ${reference} is not on this machine`, {
      hint: 'Pull it first',
      details: { field: 'source.reference', image: reference, canPull: true },
    });
  }
}

const SHELL = /(?:^|\/)(?:ba|da|z|a|k|fi)?sh$/;
/** Understood by every `sleep`, which `infinity` is not: 68 years. */
const KEEP_ALIVE = ['sleep', '2147483647'];

/**
 * The spec's command on pipes, so that logs tell stdout from stderr. Else what the image brings, on a
 * terminal as `docker run -dit` does, so that a shell stays. Else something that just stays.
 */
function mainProgram(spec: SandboxSpec, image: Dockerode.ImageInspectInfo): Dockerode.ContainerCreateOptions {
  if (spec.command) return { Entrypoint: [], Cmd: [...spec.command], Tty: false, OpenStdin: false };
  const own = [image.Config?.Entrypoint ?? [], image.Config?.Cmd ?? []].flat();
  if (own.length === 0) return { Entrypoint: [], Cmd: KEEP_ALIVE, Tty: false, OpenStdin: false };
  // An interactive shell ignores TERM and would sit out every grace; HUP is what ends it.
  const shell = own.length === 1 && SHELL.test(own[0] ?? '');
  return { Tty: true, OpenStdin: true, ...(shell ? { StopSignal: 'SIGHUP' } : {}) };
}

/** Never root, except where root inside is only this user outside. */
export function userOf(traits: Pick<DaemonTraits, 'rootless'>, userns?: SandboxSpec['userns']): string {
  if (isForeignMapping(userns)) return '1000:1000';
  if (traits.rootless && userns === undefined) return '0:0';
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  return uid === 0 ? '1000:1000' : `${uid}:${gid}`;
}

/** This user is nobody inside. */
const isForeignMapping = (userns: SandboxSpec['userns']) => userns === 'auto' || userns === 'nomap';

async function makeWorkspace({ directory, spec }: CreateRequest, user: string): Promise<string> {
  const path = join(directory, WORKSPACE_FOLDER);
  await mkdir(path, { recursive: true });
  if (spec.profile === 'trusted' || isForeignMapping(spec.userns)) {
    // The user inside is not known by number; what is above keeps other users of this machine out.
    await chmod(directory, 0o700);
    await chmod(path, 0o777);
  } else if (process.getuid?.() === 0) {
    const [uid, gid] = user.split(':').map(Number);
    await chown(path, uid ?? 1000, gid ?? 1000);
  }
  // What the engine reports is a path without links, and the check compares.
  return await realpath(path);
}

function containerName({ id, generation, spec }: CreateRequest): string {
  const slug = spec.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return ['terrarium', slug, id.slice(-8), generation].filter((part) => part !== '').join('-');
}

/** Removes whatever a failed or cancelled creation left, also when the daemon's answer never arrived. */
async function undo({ client }: CreateContext, request: CreateRequest): Promise<void> {
  try {
    const label = [`${labels.id}=${request.id}`, `${labels.generation}=${request.generation}`];
    const left = await client.call('look for what was left', (docker, abortSignal) =>
      docker.listContainers({ all: true, filters: { label }, abortSignal }),
    );
    for (const { Id } of left) {
      await client.call('remove what was left', (docker, abortSignal) =>
        docker.getContainer(Id).remove({ force: true, v: true, abortSignal }),
      );
    }
  } catch (error) {
    // The failure that led here matters more; the next start's reconcile finds it by its labels.
    client.log.warn({ id: request.id, reason: engineMessage(error) }, 'a failed creation could not be undone');
  }
}
