import type { LogLine } from '../../../shared/contract/logs.ts';
import { plainText } from '../../lib/ansi.ts';

/** The most lines that the page keeps; older ones go first. */
const MOST_LINES = 50_000;

export interface Line extends LogLine {
  /** Rises by one a line; the identity of a row. */
  readonly number: number;
  /** Without control codes. */
  readonly plain: string;
}

export interface LogBuffer {
  readonly add: (lines: readonly LogLine[]) => void;
  readonly clear: () => void;
  /** A new array after each change. */
  readonly lines: () => readonly Line[];
  /** Lines that were let go. */
  readonly dropped: () => number;
}

export function createLogBuffer(most = MOST_LINES): LogBuffer {
  let lines: readonly Line[] = [];
  let number = 0;
  let dropped = 0;
  return {
    add: (fresh) => {
      const numbered = fresh.map((line) => ({ ...line, number: number++, plain: plainText(line.text) }));
      const all = lines.concat(numbered);
      dropped += Math.max(0, all.length - most);
      lines = all.length > most ? all.slice(-most) : all;
    },
    clear: () => {
      lines = [];
      dropped = 0;
    },
    lines: () => lines,
    dropped: () => dropped,
  };
}

export interface LineFilter {
  readonly text: string;
  readonly stream: LogLine['stream'] | 'all';
  /** Lines without a match are not shown. */
  readonly only: boolean;
}

/** The lines to show, and which of them (by index) match the text. */
export function findLines(
  lines: readonly Line[],
  { text, stream, only }: LineFilter,
): { readonly shown: readonly Line[]; readonly matches: readonly number[] } {
  const needle = text.toLowerCase();
  const ofStream = stream === 'all' ? lines : lines.filter((line) => line.stream === stream);
  if (needle === '') return { shown: ofStream, matches: [] };
  const isMatch = (line: Line) => line.plain.toLowerCase().includes(needle);
  const shown = only ? ofStream.filter(isMatch) : ofStream;
  return { shown, matches: shown.flatMap((line, index) => (only || isMatch(line) ? index : [])) };
}
