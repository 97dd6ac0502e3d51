export const PAGE_SCHEME = 'app';
const PAGE_HOST = 'terrarium';
export const PAGE_URL = `${PAGE_SCHEME}://${PAGE_HOST}/`;

/** True for anything that the page's own origin serves. */
export function isOwnUrl(url: string): boolean {
  const parsed = URL.parse(url);
  // Not `origin`: outside Chromium it is "null" for every scheme that the URL standard does not name.
  return parsed !== null && parsed.protocol === `${PAGE_SCHEME}:` && parsed.host === PAGE_HOST;
}

/** True for the page itself, whatever its query and fragment. */
export function isPage(url: string): boolean {
  return isOwnUrl(url) && URL.parse(url)?.pathname === '/';
}
