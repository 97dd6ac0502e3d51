import type { DiffLine } from '../lib/diff-lines.ts';
import { useStrings } from '../stores/page.ts';
import { classes } from '../ui/classes.ts';

const signs = { same: ' ', added: '+', removed: '-', gap: '' } as const;
const tones: Readonly<Record<DiffLine['kind'], string>> = {
  same: 'text-dim',
  added: 'bg-ok/10 text-ok',
  removed: 'bg-danger-soft text-danger',
  gap: 'text-faint',
};
/** More would be slow to draw, and nobody reads it here. */
const MOST_LINES = 3000;

interface DiffViewProps {
  readonly lines: readonly DiffLine[];
  /** Makes visible what a hostile line may hide. */
  readonly show: (text: string) => string;
}

/** Lines that were added and removed, with some around them. */
export function DiffView({ lines, show }: DiffViewProps) {
  const text = useStrings().changes;
  return (
    <div className="min-w-max py-1 font-mono text-sm leading-[18px]">
      {lines.slice(0, MOST_LINES).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text never change.
        <div key={index} className={classes('flex px-3 whitespace-pre', tones[line.kind])}>
          <span className="w-4 shrink-0 select-none">{signs[line.kind]}</span>
          {line.kind === 'gap' ? '⋯' : show(line.text.replaceAll('\t', '    ')) || ' '}
        </div>
      ))}
      {lines.length > MOST_LINES && <p className="px-3 text-faint">{text.moreLines(lines.length - MOST_LINES)}</p>}
    </div>
  );
}
