import Anser from 'anser';

/** A run of text in one look. Colours are numbers of the 16-colour palette, or `r, g, b`. */
export interface Piece {
  readonly text: string;
  readonly color: string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

/**
 * Every control sequence but colours (SGR): CSI, OSC and other string sequences, single escapes.
 * After ECMA-48, sections 5.3 to 5.6.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-ln-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-Z\\`-~]/g;
/** What is left of C0 and C1, but tab and the escape of colours; and marks that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROLS = /[\0-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const COLORS = /\x1b\[[0-9;:]*m?|\x1b/g;

/** A line as a terminal would leave it: what was printed over with a carriage return is gone. */
function afterCarriageReturns(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}

function withoutSequences(line: string): string {
  return afterCarriageReturns(line).replaceAll(SEQUENCES, '').replaceAll(CONTROLS, '');
}

/** The text alone: for searching and copying. */
export function plainText(line: string): string {
  return withoutSequences(line).replaceAll(COLORS, '');
}

/** Text with its colours and nothing else of what a hostile line may carry. */
export function pieces(line: string): readonly Piece[] {
  const text = withoutSequences(line);
  if (!text.includes('\x1b')) return [{ text, color: undefined, bold: false, dim: false }];
  return Anser.ansiToJson(text, { use_classes: true, remove_empty: true }).map((part) => ({
    text: part.content.replaceAll(COLORS, ''),
    color: part.fg ? part.fg.replace(/^ansi-/, '') : undefined,
    bold: part.decorations.includes('bold'),
    dim: part.decorations.includes('dim'),
  }));
}
