import { once } from 'node:events';
import { type Pack, pack } from 'tar-stream';

export type TarHeader = Parameters<Pack['entry']>[0];

export const TAR_BLOCK = 512;
/** Two empty blocks. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK);

/** What stands before an entry's contents, long names included. `pack` as a whole would keep all headers that nobody has read yet. */
export async function tarHeader(header: TarHeader): Promise<Buffer> {
  const tar = pack();
  // It is given up as soon as it has written this.
  tar.on('error', ignore);
  tar.entry(header).on('error', ignore);
  await once(tar, 'readable');
  const parts: Buffer[] = [];
  for (let part = tar.read(); part !== null; part = tar.read()) parts.push(part as Buffer);
  tar.destroy();
  return Buffer.concat(parts);
}

const ignore = () => undefined;

/** What fills the last block of an entry's contents. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK);
