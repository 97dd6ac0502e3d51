import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Where the system keeps programs, whatever PATH says. */
const SYSTEM_FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin'];

/**
 * The full path of a program: in PATH, then in further folders; null when it is in none of them. What PATH names
 * relatively depends on where this process was started, and is not looked at.
 */
export function findProgram(
  name: string,
  options: { readonly path?: string | undefined; readonly extra?: readonly string[] } = {},
): string | null {
  const { path = process.env.PATH ?? '', extra = SYSTEM_FOLDERS } = options;
  const folders = [...path.split(delimiter), ...extra].filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** Whether it is a file that this user may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
