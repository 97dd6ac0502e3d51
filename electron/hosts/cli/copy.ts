import { realpath, stat } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { createTree, type Tree } from '../../lib/files/tree.ts';
import { ifThere } from '../../lib/if-there.ts';
import type { Client } from '../client/connection.ts';
import { sendPieces } from '../client/send-pieces.ts';
import { failureOf } from './failure.ts';
import type { Progress } from './progress.ts';
import { write as writeTo } from './terminal.ts';

interface Remote {
  readonly sandboxId: string;
  readonly path: string;
}

/** A file, or a folder with all that is in it. `target`: a path here, or `-` for a tar archive on stdout. */
export async function copyOut(
  client: Client,
  from: Remote,
  target: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (target === '-') {
    if (process.stdout.isTTY) {
      throw new AppError('invalid_input', 'A tar archive is not for a terminal', { hint: 'Pipe it: … - | tar -t' });
    }
    for await (const piece of received(await client.files.readTree(from, { signal }), progress)) await writeTo(piece);
    return;
  }
  const isFolder = await isFolderThere(client, from);
  const into = (await ifThere(stat(target)))?.isDirectory() ?? false;
  const name = nameOf(from.path);
  if (!isFolder && !into && target.endsWith('/')) throw new AppError('not_found', `There is no folder ${target}`);
  const local = await placeHere(target, into ? name : '');
  if (isFolder) {
    const tree = received(await client.files.readTree({ ...from, path: `${from.path}/.` }, { signal }), progress);
    const folder = await folderHere(local);
    await folder.tree.writeTree(folder.path, tree, signal, progress.leaveOut);
  } else {
    const { mode, type } = await client.files.stat(from);
    const bytes = received(await client.files.read(from, { signal }), progress);
    // A link's own mode says nothing.
    await local.tree.write(local.path, bytes, { mode: type === 'symlink' ? 0o644 : mode & 0o777, signal });
  }
}

/** `source`: a file or folder here, or `-` for a tar archive on stdin. */
export async function copyIn(
  client: Client,
  source: string,
  to: Remote,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (source === '-') {
    if (process.stdin.isTTY) {
      throw new AppError('invalid_input', 'A tar archive is to come on stdin', { hint: 'Pipe it: tar -c … | …' });
    }
    const { writeId } = await client.files.beginWriteTree(to);
    return sendPieces(client, writeId, process.stdin, { signal, onSent: progress.add });
  }
  const found = await ifThere(stat(source));
  if (!found) throw new AppError('not_found', `There is no file or folder ${source} here`);
  const into = await isFolderThere(client, to);
  if (!into && !found.isDirectory() && to.path.endsWith('/'))
    throw new AppError('not_found', `There is no folder ${to.path}`);
  const name = nameOf(source);
  const path = into && name !== '' ? `${to.path}/${name}` : to.path;
  const local = await placeHere(source);
  if (found.isDirectory()) {
    const { writeId } = await client.files.beginWriteTree({ ...to, path });
    const tree = local.tree.readTree(`${local.path}/.`, signal, progress.leaveOut);
    await sendPieces(client, writeId, tree, { signal, onSent: progress.add });
  } else {
    const bytes = local.tree.read(local.path, { offset: 0, signal });
    const { writeId } = await client.files.beginWrite({ ...to, path, mode: found.mode & 0o777 });
    await sendPieces(client, writeId, bytes, { signal, onSent: progress.add });
  }
}

/** As which it comes to lie in a folder. Empty: what is in it does; `folder/.` means that, as cp(1) has it, and what has no name. */
function nameOf(path: string): string {
  const name = /(?:^|\/)\.$/.test(path) ? '' : posix.basename(posix.normalize(path));
  return name === '.' || name === '..' ? '' : name;
}

/** Links that are named are followed, also to a folder. */
async function isFolderThere(client: Client, { sandboxId, path }: Remote): Promise<boolean> {
  try {
    return (await client.files.stat({ sandboxId, path: `${path}/.` })).type === 'directory';
  } catch (error) {
    const { code } = failureOf(error);
    if (code === 'not_found' || code === 'conflict') return false;
    throw error;
  }
}

interface Here {
  readonly tree: Tree;
  readonly path: string;
}

/**
 * A path here, in a tree of the folder that it lies in: a link that is there leads to nothing else. `name`: of what is to lie
 * in the folder `path`. The user says which folder, but a link of that name may have come with an earlier copy.
 */
async function placeHere(path: string, name = ''): Promise<Here> {
  if (process.platform !== 'linux') {
    throw new AppError('unsupported', 'Files here can be copied on Linux only so far', {
      hint: 'Use a tar archive, which works everywhere: terrarium cp SANDBOX:PATH - | tar -x',
    });
  }
  const whole = join((await ifThere(realpath(path))) ?? resolve(path), name);
  const folder = dirname(whole);
  const host = await ifThere(realpath(folder));
  if (host === null) throw new AppError('not_found', `There is no folder ${folder} here`);
  return { tree: treeOf(folder, host), path: whole };
}

/** Makes a folder for an archive, in a tree of its own: nothing that the archive brings leads out of it. */
async function folderHere({ tree, path }: Here): Promise<Here> {
  await tree.makeFolder(path);
  return { tree: treeOf(path, await realpath(path)), path };
}

const treeOf = (path: string, host: string) => createTree([{ path, host, readOnly: false }], path);

async function* received(
  pieces: AsyncIterable<{ readonly base64: string }>,
  progress: Progress,
): AsyncGenerator<Uint8Array> {
  for await (const { base64 } of pieces) {
    const piece = Buffer.from(base64, 'base64');
    progress.add(piece.byteLength);
    yield piece;
  }
}
