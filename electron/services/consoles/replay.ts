/** The last output of a console, for whoever attaches later. */
export interface Replay {
  readonly append: (text: string) => void;
  readonly text: () => string;
}

/** How far a cut may move to find a good place. */
const SEARCH = 4096;

/**
 * Keeps up to `capacity` characters (and never more than twice that in memory). What is cut off
 * ends at a line break, or else before an escape sequence, where there is one near: a replay does not
 * begin inside a sequence.
 */
export function createReplay(capacity: number): Replay {
  let chunks: string[] = [];
  let size = 0;

  function trim(): void {
    const all = chunks.join('');
    const from = all.length - capacity;
    const near = all.slice(from, from + Math.min(SEARCH, capacity / 2));
    const lineBreak = near.indexOf('\n');
    const kept = all.slice(from + (lineBreak === -1 ? Math.max(0, near.indexOf('\x1b')) : lineBreak + 1));
    chunks = [kept];
    size = kept.length;
  }

  return {
    append(text) {
      chunks.push(text);
      size += text.length;
      if (size > 2 * capacity) trim();
    },
    text() {
      if (size > capacity) trim();
      return chunks.join('');
    },
  };
}
