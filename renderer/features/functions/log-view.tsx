import { useMemo, useState } from 'react';
import type { InvocationAnswer } from '../../../shared/model/function.ts';
import { AnsiText } from '../../entities/ansi-text.tsx';
import { CopyButton } from '../../entities/copy-button.tsx';
import { plainText } from '../../lib/ansi.ts';
import { useStrings } from '../../stores/page.ts';
import { classes } from '../../ui/classes.ts';
import { Select } from '../../ui/field.tsx';
import { Part } from './part.tsx';

type Logs = InvocationAnswer['logs'];
type Stream = Logs[number]['stream'];

export interface LogLine {
  readonly stream: Stream;
  readonly text: string;
}

/** More would be slow to draw; copying takes them all. */
const MOST_LINES = 1000;

/** Pieces of two streams as lines. A line that goes on in a later piece of its stream stays in one. */
export function logLines(logs: Logs): readonly LogLine[] {
  const lines: { stream: Stream; text: string }[] = [];
  const open = new Map<Stream, { text: string }>();
  for (const { stream, text } of logs) {
    for (const [index, part] of text.split('\n').entries()) {
      const begun = index === 0 ? open.get(stream) : undefined;
      if (begun) begun.text += part;
      else {
        const line = { stream, text: part };
        lines.push(line);
        open.set(stream, line);
      }
    }
    // What comes after the last end of line is no line before something is in it.
    if (text.endsWith('\n')) {
      lines.splice(lines.lastIndexOf(open.get(stream) as { stream: Stream; text: string }), 1);
      open.delete(stream);
    }
  }
  return lines;
}

interface LogViewProps {
  readonly logs: Logs;
  /** It wrote more than is kept. */
  readonly isCut: boolean;
}

/** What an invocation wrote, its two streams told apart. */
export function LogView({ logs, isCut }: LogViewProps) {
  const strings = useStrings();
  const text = strings.functions;
  const [stream, setStream] = useState<Stream | 'all'>('all');
  const lines = useMemo(() => logLines(logs), [logs]);
  const shown = stream === 'all' ? lines : lines.filter((line) => line.stream === stream);
  const isMixed = lines.some((line) => line.stream !== lines[0]?.stream);
  return (
    <Part
      title={`${text.logs} · ${strings.logs.lines(lines.length)}`}
      actions={
        <span className="flex items-center gap-1">
          {isMixed && (
            <Select
              aria-label={strings.logs.stream}
              className="!h-6 !w-28 text-sm"
              value={stream}
              options={(['all', 'stdout', 'stderr'] as const).map((value) => ({
                value,
                label: strings.logs.streams[value],
              }))}
              onChange={setStream}
            />
          )}
          <CopyButton
            label={strings.logs.copy}
            small
            text={() => shown.map((line) => plainText(line.text)).join('\n')}
          />
        </span>
      }
    >
      <div
        role="log"
        aria-live="off"
        aria-label={text.logs}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        className="max-h-72 overflow-y-auto bg-bg py-1"
      >
        {shown.slice(0, MOST_LINES).map((line, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: what an invocation wrote never changes.
            key={index}
            className={classes(
              'border-l-2 pr-3 pl-2 font-mono text-sm leading-[18px] whitespace-pre-wrap [overflow-wrap:anywhere]',
              line.stream === 'stderr' ? 'border-[var(--state-error)] bg-danger-soft/50' : 'border-transparent',
            )}
          >
            <span className="sr-only">{line.stream === 'stderr' ? 'stderr: ' : ''}</span>
            <AnsiText text={line.text} />
            {line.text === '' && '\u00a0'}
          </div>
        ))}
        {shown.length > MOST_LINES && (
          <p className="px-2.5 text-sm text-faint">{text.moreLines(shown.length - MOST_LINES)}</p>
        )}
      </div>
      {isCut && <p className="border-t border-line bg-warn-soft px-2.5 py-1 text-sm">{text.logsCut}</p>}
    </Part>
  );
}
