import open from 'open';

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
