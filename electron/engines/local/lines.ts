/** What is kept of a stream. */
const KEPT = 1024 * 1024;

/** Gives lines of a stream as they come, and keeps the end of all. */
export function createLines(onLine: ((line: string) => void) | undefined) {
  const decoder = new TextDecoder();
  let all = '';
  let rest = '';
  const take = (text: string) => {
    all = (all + text).slice(-KEPT);
    if (!onLine) return;
    const lines = (rest + text).split(/\r?\n|\r/);
    rest = (lines.pop() ?? '').slice(-KEPT);
    for (const line of lines) if (line.trim() !== '') onLine(line);
  };
  return {
    push: (chunk: Uint8Array) => take(decoder.decode(chunk, { stream: true })),
    end(): string {
      take(decoder.decode());
      if (rest.trim() !== '') onLine?.(rest);
      rest = '';
      return all;
    },
  };
}
