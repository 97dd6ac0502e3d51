import { LINK_LIFETIME_MS } from './auth.ts';

/** What whoever gets a link should know. */
export const ONCE = `The link works once, within ${LINK_LIFETIME_MS / 60_000} minutes`;

/** The page with its one-time token, at a place of it (`/sbx_…/overview`). In the fragment, which no server is told. */
export function linkTo(port: number, token: string, place?: string): string {
  return `http://127.0.0.1:${port}/#token=${token}${place === undefined ? '' : `&at=${place}`}`;
}
