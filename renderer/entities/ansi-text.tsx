import { pieces } from '../lib/ansi.ts';
import { classes } from '../ui/classes.ts';

/** The 16 colours in the page's own tones, which keep their contrast in both themes. */
const palette: Readonly<Record<string, string>> = {
  red: 'var(--danger)',
  'bright-red': 'var(--danger)',
  green: 'var(--ok)',
  'bright-green': 'var(--ok)',
  yellow: 'var(--warn)',
  'bright-yellow': 'var(--warn)',
  blue: 'var(--accent)',
  'bright-blue': 'var(--accent)',
  cyan: 'var(--accent)',
  'bright-cyan': 'var(--accent)',
  magenta: 'var(--state-lost)',
  'bright-magenta': 'var(--state-lost)',
  black: 'var(--faint)',
  'bright-black': 'var(--faint)',
};

/** A line that a program has printed: its colours, and nothing else of what it may carry. */
export function AnsiText({ text }: { readonly text: string }) {
  return pieces(text).map((piece, index) => (
    <span
      // biome-ignore lint/suspicious/noArrayIndexKey: a line never changes.
      key={index}
      className={classes(piece.bold && 'font-bold', piece.dim && 'text-dim')}
      style={piece.color === undefined ? undefined : { color: palette[piece.color] ?? 'inherit' }}
    >
      {piece.text}
    </span>
  ));
}
