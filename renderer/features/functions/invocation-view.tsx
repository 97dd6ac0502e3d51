import { useMemo } from 'react';
import type { Invocation, InvocationAnswer } from '../../../shared/model/function.ts';
import { formatBytes } from '../../../shared/units.ts';
import { CopyButton } from '../../entities/copy-button.tsx';
import { useStrings } from '../../stores/page.ts';
import { Figures } from './figures.tsx';
import { prettyJson } from './json-text.ts';
import { CodeEditor } from './lazy-editor.tsx';
import { LogView } from './log-view.tsx';
import { OutcomeIcon, outcomeText } from './outcome.tsx';
import { Part } from './part.tsx';
import { Stack } from './stack.tsx';

interface InvocationViewProps {
  readonly invocation: Invocation & Pick<InvocationAnswer, 'logs' | 'logsAreCut'>;
  readonly result: string | null;
  /** The history has kept only its beginning. */
  readonly resultIsCut?: boolean;
  /** Goes to a line of the code; null where there are none. */
  readonly onLine: ((line: number) => void) | null;
}

/** How an invocation ended: its result or its error, what it wrote and what it took. */
export function InvocationView({ invocation, result, resultIsCut = false, onLine }: InvocationViewProps) {
  const strings = useStrings();
  const text = strings.functions;
  const { outcome, logs, logsAreCut, resultBytes } = invocation;
  const isGood = outcome.type === 'returned';
  const pretty = useMemo(() => (result === null ? '' : prettyJson(result)), [result]);
  const hint = outcome.type === 'failed' ? outcome.error.hint : outcome.type === 'limit' ? text.limitHint : undefined;
  return (
    <div className="flex flex-col gap-3 p-3">
      <div role={isGood ? 'status' : 'alert'} className="flex items-start gap-1.5">
        <span className="mt-0.5">
          <OutcomeIcon type={outcome.type} size={15} />
        </span>
        <div className="min-w-0">
          <p className="line-clamp-6 font-medium whitespace-pre-wrap [overflow-wrap:anywhere]">
            {outcomeText(outcome, strings)}
          </p>
          {hint !== undefined && <p className="text-dim">{hint}</p>}
        </div>
      </div>
      <Figures invocation={invocation} />
      {outcome.type === 'threw' && outcome.stack !== null && outcome.stack.trim() !== '' && (
        <Part title={text.stack} actions={<CopyButton label={text.copyStack} small text={() => outcome.stack ?? ''} />}>
          <Stack stack={outcome.stack} onLine={onLine} />
        </Part>
      )}
      {result !== null && (
        <Part
          title={resultBytes === null ? text.result : `${text.result} · ${formatBytes(resultBytes)}`}
          actions={<CopyButton label={text.copyResult} small text={() => pretty} />}
        >
          {resultIsCut && <p className="bg-warn-soft px-2 py-1 text-sm">{text.isCut(formatBytes(resultBytes ?? 0))}</p>}
          <div className="flex max-h-96 min-h-0 flex-col">
            <CodeEditor label={text.result} value={pretty} language="json" fit />
          </div>
        </Part>
      )}
      {(logs.length > 0 || logsAreCut) && <LogView logs={logs} isCut={logsAreCut} />}
    </div>
  );
}
