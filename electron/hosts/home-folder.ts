import { resolve } from 'node:path';
import envPaths from 'env-paths';

/** Where Terrarium keeps its state: `TERRARIUM_HOME`, or the platform's folder for an app's data. */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.TERRARIUM_HOME || envPaths('terrarium', { suffix: '' }).data);
}
