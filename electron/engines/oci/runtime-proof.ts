import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import type { OciClient } from './client.ts';
import { engineMessage, isGone } from './errors.ts';
import { labels } from './labels.ts';

/** A platform that does not work here can spin for ever (KVM in a VM without it). */
const TIME_LIMIT_MS = 15_000;
/** The end of a tar archive and nothing before it: an image without a file. */
const EMPTY_TAR = Buffer.alloc(1024);
const REPOSITORY = 'terrarium-probe';
const HELPER = 'probe';

const imported = z.object({ status: z.string() });

/**
 * Whether a runtime really runs containers here; null when it does, else why not. That a daemon names
 * it proves nothing, so the smallest container is run: an empty image with the daemon's own init,
 * which it puts into every container and which is a static program (`init` is where, inside). So it
 * takes no image of the user's and no network, and leaves nothing. About 0.6 s with gVisor.
 */
export async function proveRuntime(client: OciClient, runtime: string, init: string): Promise<string | null> {
  let image: TrialImage | null = null;
  let container: Dockerode.Container | null = null;
  try {
    await removeLeft(client);
    image = await importEmptyImage(client, randomBytes(6).toString('hex'));
    const options: Dockerode.ContainerCreateOptions = {
      Image: image.id,
      Entrypoint: [],
      Cmd: [init, '--version'],
      Labels: { [labels.helper]: HELPER },
      HostConfig: {
        Runtime: runtime,
        Init: true,
        NetworkMode: 'none',
        CapDrop: ['ALL'],
        RestartPolicy: { Name: 'no' },
      },
    };
    const id = await client.call('prepare a trial of a runtime', (docker, signal) =>
      client.dialect.create(docker, options, signal),
    );
    const made = client.docker.getContainer(id);
    container = made;
    const used = await usedBy(client, id);
    if (used !== runtime) return `it was not used, but the usual one (${used ?? 'unnamed'})`;
    const code = await client.call(
      `try the runtime ${runtime}`,
      async (_docker, abortSignal) => {
        await made.start({ abortSignal });
        return z.object({ StatusCode: z.number() }).parse(await made.wait({ abortSignal })).StatusCode;
      },
      { timeoutMs: TIME_LIMIT_MS },
    );
    return code === 0 ? null : `a trial container ended with ${code}`;
  } catch (error) {
    return engineMessage(error);
  } finally {
    await tidy(client, container, image);
  }
}

/** Not every engine heeds what it was asked for. */
async function usedBy(client: OciClient, id: string): Promise<string | undefined> {
  const { HostConfig } = await client.call('describe a trial container', (docker, signal) =>
    client.dialect.describe(docker, id, {}, signal),
  );
  return HostConfig.Runtime;
}

interface TrialImage {
  readonly id: string;
  /** Null: not known. Podman takes no tag at an import, so there it names nothing. */
  readonly reference: string | null;
}

async function importEmptyImage(client: OciClient, tag: string): Promise<TrialImage> {
  const reference = `${REPOSITORY}:${tag}`;
  const text = await client.call('make an empty image', async (docker, abortSignal) => {
    const stream = (await docker.importImage(Readable.from([EMPTY_TAR]), {
      repo: REPOSITORY,
      tag,
      changes: `LABEL ${labels.helper}=${HELPER}`,
      abortSignal,
    })) as Readable;
    let answer = '';
    for await (const chunk of stream) answer += String(chunk);
    return answer;
  });
  const { status: id } = imported.parse(JSON.parse(text.trim().split('\n').at(-1) ?? ''));
  return { id, reference };
}

async function tidy(client: OciClient, container: Dockerode.Container | null, image: TrialImage | null): Promise<void> {
  const quietly = async (remove: () => Promise<unknown>) => {
    try {
      await remove();
    } catch (error) {
      // The next trial removes it (`removeLeft`).
      if (!isGone(error)) client.log.warn({ reason: engineMessage(error) }, 'a trial of a runtime was not tidied up');
    }
  };
  if (container) {
    await quietly(() =>
      client.call('remove a trial container', (_docker, abortSignal) =>
        container.remove({ force: true, v: true, abortSignal }),
      ),
    );
  }
  if (image) {
    const remove = (name: string) =>
      client.call('remove a trial image', (docker, abortSignal) =>
        docker.getImage(name).remove({ force: true, abortSignal } as object),
      );
    await quietly(async () => {
      try {
        // Others of the same content stay.
        await remove(image.reference ?? image.id);
      } catch (error) {
        if (!isGone(error)) throw error;
        await remove(image.id);
      }
    });
  }
}

/** What a host that died in the middle of a trial left. One that is under way elsewhere is younger. */
async function removeLeft(client: OciClient): Promise<void> {
  const label = [`${labels.helper}=${HELPER}`];
  const containers = await client.call('look for old trials', (docker, abortSignal) =>
    docker.listContainers({ all: true, filters: { label }, abortSignal }),
  );
  const old = Date.now() / 1000 - (4 * TIME_LIMIT_MS) / 1000;
  for (const { Id, Created } of containers) {
    if (Created < old) await tidy(client, client.docker.getContainer(Id), null);
  }
  const images = await client.call('look for images of old trials', (docker, abortSignal) =>
    docker.listImages({ filters: { label }, abortSignal }),
  );
  for (const { Id, Created } of images) {
    if (Created < old) await tidy(client, null, { id: Id, reference: null });
  }
}
