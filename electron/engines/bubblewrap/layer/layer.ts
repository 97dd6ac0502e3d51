import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../../shared/model/error.ts';
import { removeTree } from '../../../lib/remove-tree.ts';
import type { LocalSandbox, SandboxPlace } from '../../local/launcher.ts';
import { isWithin } from '../mount-plan.ts';
import { beginBase } from './base.ts';
import { finishRebuild } from './rebuild.ts';

/**
 * What a sandbox has written on top of a folder that is not to be written: an overlay of the kernel's. It lies
 * in the sandbox's own folder and is never shown inside but through the mount.
 */
export interface Layer {
  readonly folder: string;
  /** A link to the folder below. So nothing of its path is part of a mount option, whatever it holds. */
  readonly lower: string;
  /** What was written; the kernel's format, see mount(8). */
  readonly upper: string;
  /** The kernel's own. */
  readonly work: string;
  /** Where both are seen as one, in the namespace of a mount only. */
  readonly merged: string;
}

export const hasLayer = ({ manifest }: LocalSandbox): boolean => manifest.spec.filesystem?.overlay === true;

export function layerOf({ paths: { directory } }: SandboxPlace): Layer {
  const folder = join(directory, 'layer');
  const file = (name: string) => join(folder, name);
  return { folder, lower: file('lower'), upper: file('upper'), work: file('work'), merged: file('merged') };
}

/** Run in a user and a mount namespace of its own: `$1` is mount(8), `$2` the layer's folder, the rest a program to go on as. */
export const MOUNT = [
  'mount=$1; cd "$2" || exit 125; shift 2',
  '"$mount" -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work,userxattr merged || exit 125',
  'cd / && exec "$@"',
].join('\n');

/** Throws `invalid_input` for a folder that no layer can lie on. `state`: Terrarium's own folder. */
export function checkLayer({ manifest: { workspace } }: LocalSandbox, state: string): void {
  const refuse = (message: string, hint: string) => {
    throw new AppError('invalid_input', message, { hint, details: { field: 'filesystem.overlay' } });
  };
  const folder = realpathSync(workspace);
  const own = realpathSync(state);
  if (isWithin(own, folder)) {
    refuse(
      `Writes to ${workspace} cannot be kept apart: Terrarium’s own folder, where they would be kept, lies in it.`,
      'Choose a folder further down.',
    );
  }
  const { uid, gid } = statSync(folder);
  if (uid !== process.getuid?.() || gid !== process.getgid?.()) {
    refuse(
      `Writes to ${workspace} cannot be kept apart: it belongs to another user or group than your own.`,
      'The kernel copies only what is your own. Give it to yourself and your own group, see chown(1) and chgrp(1).',
    );
  }
  const inner = mountPoints().find((path) => path !== folder && isWithin(path, folder));
  if (inner !== undefined) {
    refuse(
      `Writes to ${workspace} cannot be kept apart: another file system is mounted in it, at ${inner}.`,
      'Choose a folder without mounts in it, or unmount that.',
    );
  }
}

/** Before every start: makes what is missing, and finishes what a host that was killed has left half done. */
export async function prepareLayer(sandbox: LocalSandbox): Promise<Layer> {
  const layer = layerOf(sandbox);
  const { workspace } = sandbox.manifest;
  const made = await mkdir(layer.folder, { recursive: true, mode: 0o700 });
  for (const path of [layer.merged, layer.work]) await mkdir(path, { recursive: true, mode: 0o700 });
  await finishRebuild(layer);
  await beginBase(layer, made !== undefined);
  await rm(layer.lower, { force: true });
  await symlink(workspace, layer.lower);
  if (!lstatSync(layer.upper, { throwIfNoEntry: false })) {
    await mkdir(layer.upper, { mode: 0o700 });
    // What is seen of the outermost folder is the layer's.
    await chmod(layer.upper, (await stat(workspace)).mode & 0o777);
  }
  return layer;
}

/** After a mount's end: the kernel leaves a folder that its owner cannot remove without ado. */
export const tidyLayer = (place: SandboxPlace): Promise<void> => removeTree(layerOf(place).work);

function mountPoints(): readonly string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.flatMap((line) => line.split(' ')[4]?.replaceAll(/\\([0-7]{3})/g, (_, octal) => byte(octal)) ?? []);
}

const byte = (octal: string) => String.fromCharCode(Number.parseInt(octal, 8));
