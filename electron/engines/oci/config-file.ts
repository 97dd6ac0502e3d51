import { readFileSync } from 'node:fs';
import { AppError } from '../../../shared/model/error.ts';

/** A file in which a user says how the engine is reached; null when there is none. Throws `engine_unavailable`. */
export function readConfigFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new AppError('engine_unavailable', `${path} cannot be read`, { cause: error });
  }
}
