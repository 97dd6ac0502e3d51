import open from 'open';
import { LINK_LIFETIME_MS } from './auth.ts';

/** What whoever gets a link should know. */
export const ONCE = `The link works once, within ${LINK_LIFETIME_MS / 60_000} minutes`;

/** The page with its one-time token, at a place of it (`/sbx_…/overview`). In the fragment, which no server is told. */
export function linkTo(port: number, token: string, place?: string): string {
  return `http://127.0.0.1:${port}/#token=${token}${place === undefined ? '' : `&at=${place}`}`;
}

/** In the browser, where there is a display. What kept it from opening, or null. */
export async function openLink(url: string): Promise<string | null> {
  const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (!hasDisplay) return null;
  try {
    await open(url);
    return null;
  } catch (error) {
    return `No browser could be opened (${error instanceof Error ? error.message : String(error)}): open the link yourself.`;
  }
}
