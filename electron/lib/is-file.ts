import { stat } from 'node:fs/promises';

/** Whether it is a regular file, or a link to one, that this user can see. */
export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
