import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import type { Image, PullItem } from '../../../shared/contract/images.ts';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { ImageStore } from '../engine.ts';
import type { OciClient } from './client.ts';
import { engineMessage, toAppError } from './errors.ts';
import { createJsonLines } from './json-lines.ts';

/** Credentials for a registry, as the engine's API takes them. */
export type RegistryAuth = Dockerode.AuthConfig;

export interface ImagesOptions {
  readonly connect: () => OciClient;
  /** What the user's own CLI would send to the registry of this reference. */
  readonly authFor: (reference: string) => Promise<RegistryAuth | undefined>;
}

const messageSchema = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
});

export function createImageStore({ connect, authFor }: ImagesOptions): ImageStore {
  return {
    async list() {
      const client = connect();
      const images = await client.call('list its images', (docker, abortSignal) => docker.listImages({ abortSignal }));
      return images.map(toImage);
    },
    pull: (reference, signal) => pull(connect(), reference, signal, authFor),
  };
}

function toImage({ Id, RepoTags, Size, Created }: Dockerode.ImageInfo): Image {
  const tags = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
  return { id: Id, tags, sizeBytes: Size, createdAt: Created > 0 ? Created * 1000 : null };
}

/** Without a tag the engine would pull all of them. */
export function withTag(reference: string): string {
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? reference : `${reference}:latest`;
}

async function* pull(
  client: OciClient,
  wanted: string,
  signal: AbortSignal,
  authFor: ImagesOptions['authFor'],
): AsyncGenerator<PullItem, void> {
  const reference = withTag(wanted);
  signal.throwIfAborted();
  const authconfig = await authFor(reference);
  const ended = AbortSignal.any([signal, client.disposed]);
  try {
    // The daemon ends the pull when this request is aborted.
    const source = await client.call(
      `pull ${reference}`,
      async (docker) =>
        (await docker.pull(reference, {
          abortSignal: ended,
          ...(authconfig === undefined ? {} : { authconfig }),
        })) as Readable,
      { timeoutMs: 120_000, signal },
    );
    source.on('error', (error) => client.log.debug({ reason: engineMessage(error) }, 'a pull’s stream broke'));
    const lines = createJsonLines();
    for await (const chunk of source) {
      for (const message of lines(chunk)) {
        const item = toItem(message, reference);
        if (item) yield item;
      }
    }
    yield { type: 'done', image: await inspectImage(client, reference) };
  } catch (error) {
    signal.throwIfAborted();
    throw pullFailure(toAppError(error, client.engine, `pull ${reference}`), reference);
  }
}

function toItem(message: unknown, reference: string): PullItem | null {
  const parsed = messageSchema.safeParse(message);
  if (!parsed.success) return null;
  const { id, status = '', error, progressDetail } = parsed.data;
  if (error !== undefined) throw pullFailure(new AppError('internal', error), reference);
  // The first message bears the tag where layers bear their id.
  if (id === undefined || /^Pulling from/.test(status)) return { type: 'status', message: status };
  return {
    type: 'layer',
    layer: id,
    status,
    currentBytes: progressDetail?.current ?? null,
    totalBytes: progressDetail?.total ?? null,
  };
}

async function inspectImage(client: OciClient, reference: string): Promise<Image> {
  const info = await client.call('look up the image', (docker) => docker.getImage(reference).inspect());
  const createdAt = Date.parse(info.Created);
  return { id: info.Id, tags: info.RepoTags ?? [], sizeBytes: info.Size, createdAt: createdAt > 0 ? createdAt : null };
}

/** Registries answer in their own words; these are the ones that a user can do something about. */
function pullFailure(error: AppError, reference: string): AppError {
  if (error.code === 'engine_unavailable' || (isAppError(error) && error.details?.image !== undefined)) return error;
  const text = error.message;
  const details = { image: reference, engine: text };
  if (/manifest unknown|not found|repository does not exist|name unknown|404/i.test(text)) {
    return new AppError('not_found', `There is no image ${reference} in its registry`, {
      hint: 'Check the spelling and the tag; for a private image, log in with the engine’s own command first',
      details,
    });
  }
  if (/unauthorized|denied|authentication required/i.test(text)) {
    return new AppError('denied', `The registry does not give ${reference} to this user`, {
      hint: 'Log in with the engine’s own command first, e.g. docker login',
      details,
    });
  }
  if (
    /dial tcp|no such host|i\/o timeout|connection refused|TLS handshake|network is unreachable|: EOF|connection reset/i.test(
      text,
    )
  ) {
    return new AppError('disconnected', `The registry of ${reference} cannot be reached`, {
      hint: 'Check the network connection and the proxy settings of the daemon',
      details,
    });
  }
  return new AppError(error.code, `${reference} could not be pulled: ${text}`, { details, cause: error });
}
