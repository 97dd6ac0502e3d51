import type { StartOptions } from './options.ts';

export interface Situation {
  readonly webBecause: StartOptions['webBecause'];
  readonly platform: NodeJS.Platform;
  readonly hasDisplay: boolean;
  readonly isRoot: boolean;
  readonly hasBinary: boolean;
}

export type Choice =
  | { readonly host: 'desktop' }
  /** The desktop host, if Electron's binary can be fetched. */
  | { readonly host: 'fetch' }
  /** `reason` is for the user; null when it was asked for by name. */
  | { readonly host: 'web'; readonly reason: string | null };

const web = (reason: string | null): Choice => ({ host: 'web', reason });

export function chooseHost({ webBecause, platform, hasDisplay, isRoot, hasBinary }: Situation): Choice {
  if (webBecause === '--web') return web(null);
  if (webBecause !== null) return web(`${webBecause} is for the browser`);
  if (platform === 'linux' && !hasDisplay) return web('there is no display (DISPLAY and WAYLAND_DISPLAY are not set)');
  // It would start with --no-sandbox. A window is not worth that.
  if (platform === 'linux' && isRoot) return web("Electron's sandbox does not work for root");
  return { host: hasBinary ? 'desktop' : 'fetch' };
}

export function webInstead(reason: string): string {
  return `Terrarium opens in the browser instead of a window: ${reason}.`;
}

export function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
