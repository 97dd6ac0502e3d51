import { existsSync } from 'node:fs';
import { isExecutable } from '../../electron/lib/executable.ts';
import { findProgram } from '../lib/command.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const macPaths = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser of the end-to-end tests: TERRARIUM_CHROMIUM, or what the machine has. Null: none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  const asked = env.TERRARIUM_CHROMIUM;
  if (asked) return isExecutable(asked) ? asked : null;
  for (const name of names) {
    const path = findProgram(name, env.PATH);
    if (path) return path;
  }
  return macPaths.find((path) => existsSync(path)) ?? null;
}
