import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { boxPaths } from '../bubblewrap/box.ts';
import type { SandboxPlace } from '../local/launcher.ts';

export interface BundlePaths {
  readonly folder: string;
  readonly config: string;
  readonly root: string;
  /** An empty file, to be mounted over what is hidden. */
  readonly empty: string;
  /** What the bundle was made of, see `Layout`. */
  readonly layout: string;
  /** Where runsc keeps what it knows of the container. */
  readonly state: string;
  /** runsc writes it when the container is made. */
  readonly created: string;
  /** There while the sandbox is paused. */
  readonly paused: string;
  /** What a later program is, see `processOf`. */
  readonly process: (part: number) => string;
}

/** In the folder that a sandbox of namespaces has for the like, which goes when it ends. */
export const pathsOf = (place: SandboxPlace): BundlePaths => bundlePaths(join(boxPaths(place).folder, 'bundle'));

export function bundlePaths(folder: string): BundlePaths {
  const file = (name: string) => join(folder, name);
  return {
    folder,
    config: file('config.json'),
    root: file('root'),
    empty: file('empty'),
    layout: file('layout.json'),
    state: file('state'),
    created: file('created'),
    paused: file('paused'),
    process: (part) => file(`process-${part}.json`),
  };
}

/** Whether what runs there (or is about to) is gVisor's. */
export const hasBundle = (place: SandboxPlace): boolean => existsSync(pathsOf(place).folder);
