import { formatBytes } from '../../../shared/units.ts';
import { type Output, plain } from './output.ts';

/** How far a copy is, on a terminal only; and at its end, what was not copied. */
export interface Progress extends Disposable {
  readonly add: (bytes: number) => void;
  /** A path that is neither file nor folder nor link. */
  readonly leaveOut: (path: string) => void;
  /** What was copied, of an archive its whole length, and what was not. */
  readonly told: () => { readonly bytes: number; readonly leftOut: readonly string[] };
}

/** Paths that are kept to be told. */
const TOLD = 100;

const EVERY_MS = 200;

export function createProgress({ json }: Output, stream: NodeJS.WriteStream = process.stderr): Progress {
  let total = 0;
  let shownAt = performance.now();
  let isShown = false;
  let leftOut = 0;
  const paths: string[] = [];
  const clear = () => {
    if (isShown) stream.write('\r\x1b[K');
    isShown = false;
  };
  return {
    add(bytes) {
      total += bytes;
      if (!stream.isTTY || performance.now() - shownAt < EVERY_MS) return;
      shownAt = performance.now();
      stream.write(`\r\x1b[K${formatBytes(total)} copied`);
      isShown = true;
    },
    leaveOut(path) {
      if (paths.length < TOLD) paths.push(path);
      leftOut += 1;
    },
    told: () => ({ bytes: total, leftOut: paths }),
    [Symbol.dispose]() {
      clear();
      if (leftOut === 0 || json) return;
      const what = leftOut === 1 ? plain(paths[0] ?? '') : `${plain(paths[0] ?? '')} and ${leftOut - 1} more`;
      stream.write(`terrarium: left out, as no file: ${what} (named pipes, sockets and devices are not copied)\n`);
    },
  };
}
