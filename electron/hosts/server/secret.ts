import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits in characters that fit a URL, a header and a WebSocket protocol name. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Compares in constant time; only hashes are compared, so the lengths are always equal. */
export function matchesHash(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret)), Buffer.from(hash));
}
