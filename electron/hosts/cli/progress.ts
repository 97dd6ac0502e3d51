import { formatBytes } from '../../../shared/units.ts';

/** How far a copy is, on a terminal only. */
export interface Progress extends Disposable {
  readonly add: (bytes: number) => void;
}

const EVERY_MS = 200;

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let total = 0;
  let shownAt = performance.now();
  let isShown = false;
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
    [Symbol.dispose]: clear,
  };
}
