import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

const platformPaths = () => envPaths('terrarium', { suffix: '' });

/** Where Terrarium keeps its state: `TERRARIUM_HOME`, or the platform's folder for an app's data. */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.TERRARIUM_HOME || platformPaths().data);
}

/**
 * The user's configuration: `TERRARIUM_CONFIG`, or `config.toml` in the platform's folder for configuration; for a state
 * folder elsewhere, in that.
 */
export function configFile(home: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env.TERRARIUM_CONFIG) return resolve(env.TERRARIUM_CONFIG);
  const { data, config } = platformPaths();
  return join(home === resolve(data) ? config : home, 'config.toml');
}
