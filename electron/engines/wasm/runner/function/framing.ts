const HEADER = 4;

export function frame(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(body.length);
  return Buffer.concat([header, body]);
}

/** Takes bytes as they come and gives whole messages. Throws a RangeError for one that is longer than `most` bytes. */
export function createUnframer(most: number): (chunk: Uint8Array) => readonly unknown[] {
  let chunks: Uint8Array[] = [];
  let have = 0;
  let need = HEADER;
  return (chunk) => {
    chunks.push(chunk);
    have += chunk.length;
    // Put together only when it is whole: a long one comes in many parts.
    if (have < need) return [];
    let bytes = Buffer.concat(chunks);
    const messages: unknown[] = [];
    for (;;) {
      need = bytes.length < HEADER ? HEADER : HEADER + bytes.readUInt32LE();
      if (need > most) throw new RangeError(`a message of ${need} bytes`);
      if (bytes.length < need || bytes.length < HEADER) break;
      messages.push(JSON.parse(bytes.toString('utf8', HEADER, need)));
      bytes = bytes.subarray(need);
    }
    chunks = [bytes];
    have = bytes.length;
    return messages;
  };
}
