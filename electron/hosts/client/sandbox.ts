import { AppError, fromErrorData } from '../../../shared/model/error.ts';
import type { Sandbox as SandboxInfo } from '../../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../../shared/model/spec.ts';
import { type CommandOptions, type CommandResult, type Commands, createCommands } from './commands.ts';
import type { Client } from './connection.ts';
import { createFiles, type Files } from './files.ts';
import { createPtys, type Ptys } from './pty.ts';

export interface CreateOptions extends Omit<SandboxSpecInput, 'source'> {
  /** What it is made of; empty when neither this nor `image` is given. */
  readonly source?: SandboxSpecInput['source'];
  /** Short for a `source` of this image. */
  readonly image?: string;
  /** Sentences about what is done meanwhile. */
  readonly onProgress?: (message: string) => void;
  /** Aborted, what was made is undone. */
  readonly signal?: AbortSignal;
}

/** A sandbox of a host. `await using` destroys one that was created, and leaves one that was connected to. */
export interface SandboxHandle extends AsyncDisposable {
  readonly id: string;
  readonly name: string;
  readonly commands: Commands;
  readonly files: Files;
  readonly pty: Ptys;
  /** `commands.run`. */
  readonly exec: (command: string | readonly string[], options?: CommandOptions) => Promise<CommandResult>;
  /** As it is now. */
  readonly info: () => Promise<SandboxInfo>;
  readonly start: () => Promise<SandboxInfo>;
  /** Asks the main program to end, kills everything after `graceMs`. */
  readonly stop: (graceMs?: number) => Promise<SandboxInfo>;
  readonly pause: () => Promise<SandboxInfo>;
  readonly resume: () => Promise<SandboxInfo>;
  /** Destroys it with all that runs in it. Idempotent. */
  readonly kill: () => Promise<void>;
}

export async function createSandbox(client: Client, options: CreateOptions): Promise<SandboxHandle> {
  const { image, onProgress, signal, ...others } = options;
  if (image !== undefined && others.source !== undefined) {
    throw new AppError('invalid_input', '`image` and `source` were both given', { hint: 'Give one of them.' });
  }
  const source =
    image === undefined ? (others.source ?? { type: 'empty' }) : ({ type: 'image', reference: image } as const);
  const items = await client.sandboxes.create({ spec: { ...others, source } }, signal ? { signal } : {});
  for await (const item of items) {
    if (item.type === 'progress') onProgress?.(item.message);
    else return await started(client, item.sandbox);
  }
  throw new AppError('internal', 'Terrarium’s host made no sandbox and did not say why');
}

/** One that was made but could not be started is taken away again: nobody would have a hold of it. */
async function started(client: Client, { id, name, error }: SandboxInfo): Promise<SandboxHandle> {
  if (!error) return handleOf(client, { id, name }, true);
  await client.sandboxes.destroy({ id });
  throw fromErrorData(error);
}

export async function findSandbox(client: Client, idOrName: string): Promise<SandboxHandle> {
  const all = await client.sandboxes.list({});
  const [found, another] = all.filter(({ id, name }) => id === idOrName || name === idOrName);
  if (found && !another) return handleOf(client, found, false);
  if (!found) {
    throw new AppError('not_found', `There is no sandbox “${idOrName}”`, { hint: 'Sandbox.list() has them all.' });
  }
  throw new AppError('conflict', `Several sandboxes are called “${idOrName}”`, { hint: 'Give its id.' });
}

function handleOf(client: Client, { id, name }: Pick<SandboxInfo, 'id' | 'name'>, isOurs: boolean): SandboxHandle {
  const commands = createCommands(client, id);
  const kill = async () => {
    await client.sandboxes.destroy({ id });
  };
  return {
    id,
    name,
    commands,
    files: createFiles(client, id),
    pty: createPtys(client, id),
    exec: commands.run,
    info: () => client.sandboxes.get({ id }),
    start: () => client.sandboxes.start({ id }),
    stop: (graceMs) => client.sandboxes.stop({ id, ...(graceMs === undefined ? {} : { graceMs }) }),
    pause: () => client.sandboxes.pause({ id }),
    resume: () => client.sandboxes.resume({ id }),
    kill,
    [Symbol.asyncDispose]: isOurs ? kill : async () => undefined,
  };
}
