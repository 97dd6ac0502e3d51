export interface Piece {
  readonly stream: 'stdout' | 'stderr';
  readonly chunk: Buffer;
  /** The first piece of a frame. */
  readonly first: boolean;
}

const HEADER = 8;

/**
 * Takes apart what an engine sends for programs without a terminal: frames of one byte stream (1
 * stdout, 2 stderr), three zero bytes, four bytes length (big endian), payload. Source: the Docker
 * Engine API, "Attach to a container". Payload is handed on as it comes, never collected, so a frame
 * of any size takes no memory; a frame therefore may come in several pieces.
 */
export function createDemuxer(): (chunk: Buffer) => readonly Piece[] {
  const header = Buffer.alloc(HEADER);
  let filled = 0;
  let remaining = 0;
  let stream: Piece['stream'] = 'stdout';
  let first = true;

  return (chunk) => {
    const pieces: Piece[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      if (remaining > 0) {
        const end = Math.min(chunk.length, offset + remaining);
        pieces.push({ stream, chunk: chunk.subarray(offset, end), first });
        first = false;
        remaining -= end - offset;
        offset = end;
        continue;
      }
      const copied = chunk.copy(header, filled, offset, offset + HEADER - filled);
      filled += copied;
      offset += copied;
      if (filled === HEADER) {
        filled = 0;
        stream = header[0] === 2 ? 'stderr' : 'stdout';
        remaining = header.readUInt32BE(4);
        first = true;
      }
    }
    return pieces;
  };
}
