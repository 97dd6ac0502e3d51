import { constants } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { SandboxId } from '../../../shared/model/sandbox.ts';
import type { OciClient } from './client.ts';
import { engineMessage } from './errors.ts';
import { labels } from './labels.ts';
import { WORKSPACE, WORKSPACE_FOLDER } from './objects.ts';

/** A big workspace on a slow disk. */
const HAND_OVER_MS = 120_000;
/** Root of a container, without whatever is not needed to give files away. */
const NEEDED = ['CHOWN', 'FOWNER', 'DAC_OVERRIDE'];
/** $1 is the user. Where the numbers of users are mapped, giving away fails; opening the folders does as well. */
const SCRIPT = `chown -R "$1" ${WORKSPACE} && chmod -R u+rwX ${WORKSPACE} || chmod -R a+rwX,-t ${WORKSPACE}`;

/**
 * Gives a workspace back to this user, so that it can be kept or removed: a container that runs as
 * root leaves folders there that belong to root here, too. Done by a container of the same image,
 * which is all that may. Ends the sandbox first, so that nothing new comes. Never throws: when it
 * fails, the host's removal of the folder tells the user what to do.
 */
export async function handOverWorkspace(
  client: OciClient,
  info: Dockerode.ContainerInspectInfo,
  { id, user }: { readonly id: SandboxId; readonly user: string },
): Promise<void> {
  const source = info.Mounts.find(({ Destination, Type }) => Destination === WORKSPACE && Type === 'bind')?.Source;
  // Labels also come with an image that was committed from a sandbox; the folder must be the sandbox's own.
  if (!source?.endsWith(`/${id}/${WORKSPACE_FOLDER}`) || !client.local || process.getuid?.() === 0) return;
  try {
    if (info.State.Running) await killNow(client, info.Id);
    if (await hasStubbornFolders(source)) await runHelper(client, helperOf(info.Image, source, user));
  } catch (error) {
    client.log.warn({ source, reason: engineMessage(error) }, 'a workspace could not be given back to this user');
  }
}

async function killNow(client: OciClient, ref: string): Promise<void> {
  try {
    await client.call('kill the container', (docker, abortSignal) =>
      docker.getContainer(ref).kill({ signal: 'SIGKILL', abortSignal }),
    );
  } catch (error) {
    // It has just ended, or is paused: then nothing new comes either.
    if (!isAppError(error, 'conflict')) throw error;
  }
}

async function runHelper(client: OciClient, options: Dockerode.ContainerCreateOptions): Promise<void> {
  const id = await client.call('prepare the return of the workspace', (docker, abortSignal) =>
    client.dialect.create(docker, options, abortSignal),
  );
  const helper = client.docker.getContainer(id);
  try {
    const run = async (_docker: Dockerode, abortSignal: AbortSignal) => {
      await helper.start({ abortSignal });
      const { StatusCode: code } = await helper.wait({ abortSignal });
      if (code !== 0) throw new AppError('internal', `the helper ended with ${code}`);
    };
    await client.call('give the workspace back', run, { timeoutMs: HAND_OVER_MS });
  } finally {
    await client.call('remove a helper', (_docker, abortSignal) =>
      helper.remove({ force: true, v: true, abortSignal }),
    );
  }
}

function helperOf(image: string, source: string, user: string): Dockerode.ContainerCreateOptions {
  return {
    Image: image,
    Entrypoint: [],
    Cmd: ['sh', '-c', SCRIPT, 'sh', user],
    User: '0:0',
    WorkingDir: '/',
    Labels: { [labels.helper]: 'workspace' },
    HostConfig: {
      Mounts: [{ Type: 'bind', Source: source, Target: WORKSPACE, ReadOnly: false }],
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      CapAdd: NEEDED,
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      RestartPolicy: { Name: 'no' },
    },
  };
}

/** Whether this user could not remove all of it: that takes the right to write in each folder. Files do not matter. */
async function hasStubbornFolders(folder: string): Promise<boolean> {
  const info = await lstat(folder).catch(() => null); // it has just gone
  if (!info?.isDirectory()) return false;
  if (info.uid !== process.getuid?.() || (info.mode & constants.S_IRWXU) !== constants.S_IRWXU) return true;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && (await hasStubbornFolders(join(folder, entry.name)))) return true;
  }
  return false;
}
