import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { AppError } from '../../../../shared/model/error.ts';
import { type Folder, openFolder } from '../../../lib/files/folder.ts';
import type { Tools } from '../tools.ts';
import type { Layer } from './layer.ts';

/** The three folders that a change is read from, each held open. */
export interface LayerView extends AsyncDisposable {
  /** What was written. */
  readonly upper: Folder;
  /** The folder as it is. */
  readonly lower: Folder;
  /**
   * Both as the sandbox sees them. The kernel is asked, as it alone can tell what a folder of the layer hides: that
   * is in an extended attribute, which Node cannot read.
   */
  readonly merged: Folder;
}

const LOOK = [
  'mount=$1; cd "$2" || exit 125',
  // Both as lower layers: nothing can be written.
  '"$mount" -t overlay overlay -o lowerdir=upper:lower,userxattr merged || exit 125',
  'echo up; exec cat',
].join('\n');

/** `monitor`: a process in the namespace in which the layer is mounted; null where it does not run. */
export async function viewLayer(
  layer: Layer,
  workspace: string,
  tools: Tools,
  monitor: number | null,
): Promise<LayerView> {
  await using opened = new AsyncDisposableStack();
  const pid = monitor ?? (await mountToLook(layer, tools, opened));
  const merged = opened.use(openFolder(`/proc/${pid}/root${layer.merged}`));
  const upper = opened.use(openFolder(layer.upper));
  const lower = opened.use(openFolder(workspace));
  const kept = opened.move();
  return { upper, lower, merged, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function mountToLook(layer: Layer, { unshare, mount }: Tools, opened: AsyncDisposableStack): Promise<number> {
  if (mount === null) throw new AppError('engine_unavailable', 'The program mount is missing.');
  const argv = ['--user', '--map-root-user', '--mount', '--', '/bin/sh', '-c', LOOK, 'terrarium', mount, layer.folder];
  const child = spawn(unshare, argv, { stdio: 'pipe', cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
  const ended = once(child, 'close');
  opened.defer(async () => {
    child.stdin.end();
    await ended;
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  // Ends with the program, too.
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'up') return child.pid ?? 0;
  }
  await ended;
  throw new AppError('internal', `The changes could not be looked at: ${said.trim().split('\n').at(-1) ?? ''}`, {
    hint: 'The folder, or the file system that it lies on, may have gone.',
  });
}
