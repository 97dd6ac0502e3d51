import { expect, it } from 'vitest';
import { createDemuxer } from './demux.ts';

function frame(type: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const stream = Buffer.concat([
  frame(1, 'one'),
  frame(2, 'ERR'),
  frame(1, ''),
  frame(1, 'two'),
  frame(2, 'x'.repeat(300)),
]);

function collect(chunks: readonly Buffer[]) {
  const demux = createDemuxer();
  const texts = { stdout: '', stderr: '' };
  for (const chunk of chunks) for (const piece of demux(chunk)) texts[piece.stream] += piece.chunk.toString();
  return texts;
}

it.each([1, 2, 3, 7, 8, 9, 11, 64, 10_000])('gives the same in chunks of %i bytes', (size) => {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
  expect(collect(chunks)).toEqual({ stdout: 'onetwo', stderr: `ERR${'x'.repeat(300)}` });
});

it('says which piece begins a frame', () => {
  const demux = createDemuxer();
  const whole = frame(1, 'hello');
  expect(demux(whole.subarray(0, 10)).map(({ first }) => first)).toEqual([true]);
  expect(demux(whole.subarray(10)).map(({ first }) => first)).toEqual([false]);
});
