import { z } from 'zod';
import { hashSecret, matchesHash, newSecret } from './secret.ts';

/** How long the token of a printed link is good for. */
export const LINK_LIFETIME_MS = 15 * 60_000;
export const SESSION_LIFETIME_MS = 30 * 24 * 3_600_000;
/** Oldest sessions are dropped above this. */
const SESSIONS = 20;

const sessionSchema = z.object({ cookie: z.string(), key: z.string(), expiresAt: z.number() });
type Session = z.infer<typeof sessionSchema>;

/** Only hashes are kept, so that reading the state folder's database gives nobody a session. */
export interface SessionMemory {
  readonly load: () => unknown;
  readonly save: (sessions: readonly Session[]) => void;
}

export interface Grant {
  /** For the HttpOnly cookie. */
  readonly cookie: string;
  /**
   * For the page to keep in its own storage. A browser sends cookies of 127.0.0.1 to every port
   * there, so also to what a sandbox serves; the key is bound to the page's exact origin.
   */
  readonly key: string;
}

export interface Auth {
  /** A token that works once, for the fragment of a link. */
  readonly newLinkToken: () => string;
  /** Null for a token that is wrong, used or too old. */
  readonly redeem: (token: string) => Grant | null;
  readonly isSession: (cookie: string, key: string) => boolean;
  readonly isBearer: (token: string) => boolean;
  /** For the state file that scripts read. */
  readonly bearer: string;
}

export function createAuth(memory: SessionMemory, now: () => number = Date.now): Auth {
  const bearer = newSecret();
  const bearerHash = hashSecret(bearer);
  let links: { readonly hash: string; readonly expiresAt: number }[] = [];
  const loaded = z.array(sessionSchema).safeParse(memory.load());
  let sessions: readonly Session[] = loaded.success ? loaded.data : [];

  return {
    bearer,
    newLinkToken() {
      const token = newSecret();
      links = [
        ...links.filter((link) => link.expiresAt > now()),
        { hash: hashSecret(token), expiresAt: now() + LINK_LIFETIME_MS },
      ];
      return token;
    },
    redeem(token) {
      const link = links.find((candidate) => matchesHash(token, candidate.hash));
      if (!link || link.expiresAt <= now()) return null;
      links = links.filter((other) => other !== link);
      const grant = { cookie: newSecret(), key: newSecret() };
      const session = {
        cookie: hashSecret(grant.cookie),
        key: hashSecret(grant.key),
        expiresAt: now() + SESSION_LIFETIME_MS,
      };
      sessions = [...sessions.filter((other) => other.expiresAt > now()), session].slice(-SESSIONS);
      memory.save(sessions);
      return grant;
    },
    isSession: (cookie, key) =>
      sessions.some(
        (session) => session.expiresAt > now() && matchesHash(cookie, session.cookie) && matchesHash(key, session.key),
      ),
    isBearer: (token) => matchesHash(token, bearerHash),
  };
}
