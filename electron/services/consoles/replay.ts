/** The last output of a console, for whoever attaches later. */
export interface Replay {
  readonly append: (text: string) => void;
  readonly text: () => string;
}

/**
 * Keeps up to `capacity` characters (and never more than twice that in memory). What is cut off
 * ends at a line break where there is one, so that a replay does not begin inside an escape sequence.
 */
export function createReplay(capacity: number): Replay {
  let chunks: string[] = [];
  let size = 0;

  function trim(): void {
    const all = chunks.join('');
    const from = all.length - capacity;
    const lineBreak = all.indexOf('\n', from);
    const kept = all.slice(lineBreak === -1 ? from : lineBreak + 1);
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
