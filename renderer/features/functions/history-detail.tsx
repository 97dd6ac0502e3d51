import { RotateCw, X } from 'lucide-react';
import { useMemo } from 'react';
import type { FunctionSummary } from '../../../shared/model/function.ts';
import { formatBytes } from '../../../shared/units.ts';
import { CopyButton } from '../../entities/copy-button.tsx';
import { formatMoment } from '../../lib/moment.ts';
import { useFunctions, usePage, usePreference, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { InvocationView } from './invocation-view.tsx';
import { prettyJson } from './json-text.ts';
import { CodeEditor } from './lazy-editor.tsx';
import { Part } from './part.tsx';
import { showLine } from './show-line.ts';
import { useLoaded } from './use-loaded.ts';

interface HistoryDetailProps {
  readonly id: string;
  readonly summary: FunctionSummary;
  readonly onClose: () => void;
}

/** One invocation of the history: what went in, what came out. */
export function HistoryDetail({ id, summary, onClose }: HistoryDetailProps) {
  const page = usePage();
  const strings = useStrings();
  const text = strings.functions;
  const language = usePreference((state) => state.language);
  const isRunning = useFunctions(({ runs }) => runs.get(summary.id)?.state === 'running');
  const { value, error } = useLoaded(id, (client, signal) => client.invocations.get({ id }, { signal }));
  const payload = value?.payload ?? null;
  const pretty = useMemo(() => (payload === null ? '' : prettyJson(payload.text)), [payload]);

  function again(): void {
    if (payload === null) return;
    page.functions.setPayload(summary.id, pretty);
    page.ui.setState({ functionTab: 'code' });
    void page.functions.invoke(summary.id, payload.text);
  }

  const canRun = payload !== null && !payload.isCut;
  return (
    <section aria-label={text.invocation} className="flex min-h-0 basis-3/5 flex-col border-t border-line-strong bg-bg">
      <header className="flex items-center gap-2 border-b border-line bg-surface px-3 py-1">
        <h3 className="min-w-0 flex-1 truncate text-sm font-semibold text-dim">
          {value ? formatMoment(value.at, language) : text.invocation}
        </h3>
        {value && !canRun && value.kept !== 'off' && <span className="text-xs text-faint">{text.cannotRunAgain}</span>}
        <Button icon={<RotateCw size={14} aria-hidden="true" />} disabled={!canRun || isRunning} onClick={again}>
          {text.runAgain}
        </Button>
        <IconButton label={strings.app.close} keys="Esc" onClick={onClose}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </header>
      <div
        className="min-h-0 flex-1 overflow-y-auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
      >
        {error ? (
          <div className="px-3">
            <ErrorNote message={error.message} hint={error.hint} />
          </div>
        ) : value === null ? (
          <p className="p-3">
            <Spinner size={16} />
          </p>
        ) : (
          <>
            {(value.kept === 'dropped' || value.kept === 'off') && (
              <p className="border-b border-line bg-raised px-3 py-1 text-sm text-dim">
                {text.notInHistory[value.kept]}
              </p>
            )}
            <InvocationView
              invocation={value}
              result={value.result?.text ?? null}
              resultIsCut={value.result?.isCut ?? false}
              onLine={summary.codeType === 'command' ? null : (line) => showLine(page, summary.id, value.version, line)}
            />
            {payload !== null && (
              <div className="px-3 pb-3">
                <Part
                  title={`${text.payload} · ${formatBytes(value.payloadBytes)}`}
                  actions={<CopyButton label={text.copyPayload} small text={() => pretty} />}
                >
                  {payload.isCut && (
                    <p className="bg-warn-soft px-2 py-1 text-sm">{text.isCut(formatBytes(value.payloadBytes))}</p>
                  )}
                  <div className="flex max-h-96 min-h-0 flex-col">
                    <CodeEditor label={text.payload} value={pretty} language="json" fit />
                  </div>
                </Part>
              </div>
            )}
          </>
        )}
      </div>
    </section>
  );
}
