import { fchownSync, lchownSync } from 'node:fs';
import type { Folder } from './folder.ts';

const isRoot = () => process.geteuid?.() === 0;

/** What root makes belongs to whom the folder belongs to, so that the programs that use that folder can use it. */
export function giveToOwnerOf(folder: Folder, name: Buffer): void {
  if (!isRoot()) return;
  const { uid, gid } = folder.stats();
  lchownSync(folder.at(name), Number(uid), Number(gid));
}

/** The same of an open file. `before`: what it takes the place of. */
export function giveFile(
  descriptor: number,
  folder: Folder,
  before: { readonly uid: bigint; readonly gid: bigint } | null,
): void {
  if (!isRoot()) return;
  const { uid, gid } = before ?? folder.stats();
  fchownSync(descriptor, Number(uid), Number(gid));
}
