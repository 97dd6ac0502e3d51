import { StringDecoder } from 'node:string_decoder';

/** A daemon's message is small; what grows beyond this is not one. */
const LONGEST = 4 * 1024 * 1024;

/** Takes apart a stream of JSON objects, one a line. Throws on what is no JSON. */
export function createJsonLines(): (chunk: Buffer | string) => readonly unknown[] {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST) throw new Error('a message of the engine is too long');
    return lines.filter((line) => line.trim() !== '').map((line): unknown => JSON.parse(line));
  };
}
