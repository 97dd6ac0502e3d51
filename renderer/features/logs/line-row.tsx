import { memo, type ReactNode } from 'react';
import { AnsiText } from '../../entities/ansi-text.tsx';
import { classes } from '../../ui/classes.ts';
import type { Line } from './buffer.ts';

function marked(text: string, needle: string, current: boolean): ReactNode {
  if (needle === '') return text;
  const parts: ReactNode[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(needle); at !== -1; at = lower.indexOf(needle, from)) {
    parts.push(
      text.slice(from, at),
      <mark key={at} className={classes('text-text', current ? 'bg-mark-now' : 'bg-mark')}>
        {text.slice(at, at + needle.length)}
      </mark>,
    );
    from = at + needle.length;
  }
  parts.push(text.slice(from));
  return parts;
}

interface LineRowProps {
  readonly line: Line;
  /** Lower case; empty when nothing is searched. */
  readonly needle: string;
  readonly current: boolean;
  readonly time: boolean;
  readonly wrap: boolean;
}

export const LineRow = memo(function LineRow({ line, needle, current, time, wrap }: LineRowProps) {
  return (
    <div
      className={classes(
        'flex border-l-2 pr-3 pl-2 font-mono text-sm leading-[18px]',
        line.stream === 'stderr' ? 'border-[var(--state-error)] bg-danger-soft/50' : 'border-transparent',
        current && 'bg-selected',
      )}
    >
      {time && (
        <span className="mr-3 shrink-0 text-faint tabular-nums select-none">
          {line.at === null ? '' : new Date(line.at).toISOString().slice(11, 23)}
        </span>
      )}
      <span className="sr-only">{line.stream === 'stderr' ? 'stderr: ' : ''}</span>
      <span className={wrap ? 'min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]' : 'whitespace-pre'}>
        {needle !== '' && line.plain.toLowerCase().includes(needle) ? (
          marked(line.plain, needle, current)
        ) : (
          <AnsiText text={line.text} />
        )}
        {line.plain === '' && '\u00a0'}
      </span>
    </div>
  );
});
