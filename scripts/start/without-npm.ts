import { delimiter } from 'node:path';

/**
 * The PATH that npm was started with. npm puts folders of the project before it, so that its scripts
 * find its tools; a sandbox that inherits it would run Terrarium's own node instead of the user's.
 */
export function withoutNpm({ PATH = '', npm_lifecycle_event: underNpm }: NodeJS.ProcessEnv): string {
  if (underNpm === undefined) return PATH;
  return PATH.split(delimiter)
    .filter((folder) => !/[\\/](?:node_modules[\\/]\.bin|node-gyp-bin)$/.test(folder))
    .join(delimiter);
}
