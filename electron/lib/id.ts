import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';

/** An opaque id such as `sbx_` and 20 characters of 5 random bits each. */
export function newId(prefix: string): string {
  let text = '';
  for (const byte of randomBytes(20)) text += ALPHABET[byte & 31];
  return `${prefix}_${text}`;
}
