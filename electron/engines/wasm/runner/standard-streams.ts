import { readSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** What a guest reads from and writes to. All of it blocks. */
export interface Streams {
  /** 0 at the end. */
  readonly read: (into: Uint8Array) => number;
  readonly write: (fd: 1 | 2, bytes: Uint8Array) => void;
  readonly isTerminal: (fd: 0 | 1 | 2) => boolean;
}

const pause = new Int32Array(new SharedArrayBuffer(4));
/** Blocks this thread. */
export const sleep = (ms: number): void => void Atomics.wait(pause, 0, 0, ms);

/** Blocks until there is something; 0 at the end. */
export function readInput(into: Uint8Array): number {
  for (;;) {
    try {
      return readSync(0, into, 0, into.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF' || code === 'EIO') return 0;
      if (code !== 'EAGAIN') throw error;
      sleep(5);
    }
  }
}

/** Blocks until all is written. */
export function writeOutput(fd: 1 | 2, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      sleep(1);
    }
  }
}

/** This process's own. */
export const ownStreams: Streams = { read: readInput, write: writeOutput, isTerminal: isatty };

export const writeText = (fd: 1 | 2, text: string): void => writeOutput(fd, Buffer.from(text));

/** Of the terminal that this process itself is on. */
export const ownTerminalSize = () => ({ columns: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 });
