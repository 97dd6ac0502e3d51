import { CircleStop, Play, WandSparkles } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useFunctions, usePage, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { formatMs } from './format-ms.ts';
import { InvocationView } from './invocation-view.tsx';
import { jsonProblem, prettyJson } from './json-text.ts';
import { CodeEditor } from './lazy-editor.tsx';
import { showLine } from './show-line.ts';

interface InvokePanelProps {
  readonly id: string;
  readonly version: number;
  /** Whether an error can lead to a line. */
  readonly hasStack: boolean;
}

/** A payload to try it with, and what came of it. */
export function InvokePanel({ id, version, hasStack }: InvokePanelProps) {
  const page = usePage();
  const { functions, ui } = page;
  const strings = useStrings();
  const text = strings.functions;
  const payload = useFunctions(({ payloads }) => payloads.get(id) ?? 'null');
  const run = useFunctions(({ runs }) => runs.get(id));
  const isUnsaved = useFunctions(({ drafts }) => drafts.has(id));
  const problem = useMemo(() => jsonProblem(payload), [payload]);
  const isRunning = run?.state === 'running';

  const invoke = useRef(() => undefined as undefined | Promise<void>);
  invoke.current = () => (problem === null && !isRunning ? functions.invoke(id, payload) : undefined);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      if (ui.getState().overlay !== null || ui.getState().question !== null) return;
      event.preventDefault();
      event.stopPropagation();
      void invoke.current();
    };
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, [ui]);

  return (
    <section aria-label={text.invoke} className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-surface px-3 py-1">
        <h3 className="text-sm font-semibold text-dim">{text.payload}</h3>
        <IconButton
          label={text.format}
          disabled={problem !== null}
          onClick={() => functions.setPayload(id, prettyJson(payload))}
        >
          <WandSparkles size={14} aria-hidden="true" />
        </IconButton>
        <span className="ml-auto flex items-center gap-2">
          {isRunning ? (
            <>
              <Elapsed since={run.since} />
              <Button icon={<CircleStop size={14} aria-hidden="true" />} onClick={run.cancel}>
                {strings.app.cancel}
              </Button>
            </>
          ) : (
            <Button
              look="primary"
              aria-keyshortcuts="Control+Enter"
              title={`${text.invoke} (Ctrl+Enter)`}
              disabled={problem !== null}
              icon={<Play size={14} aria-hidden="true" />}
              onClick={() => void invoke.current()}
            >
              {text.invoke}
            </Button>
          )}
        </span>
      </div>
      <div className="h-[28%] min-h-20 shrink-0 border-b border-line">
        <CodeEditor
          label={text.payload}
          value={payload}
          language="json"
          problem={problem}
          onChange={(value) => functions.setPayload(id, value)}
        />
      </div>
      {problem && (
        <p role="status" className="border-b border-line bg-danger-soft px-3 py-1 text-sm text-danger">
          {text.notJson(problem.line, problem.message)}
        </p>
      )}
      {isUnsaved && <p className="border-b border-line bg-warn-soft px-3 py-1 text-sm">{text.runsSaved(version)}</p>}
      <section
        aria-label={text.result}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        className="min-h-0 flex-1 overflow-y-auto"
      >
        {run === undefined ? (
          <EmptyState icon={<Play size={24} />} title={text.notInvoked} hint={text.notInvokedHint} />
        ) : run.state === 'running' ? (
          <EmptyState icon={<Spinner size={24} />} title={text.running} />
        ) : run.state === 'ended' ? (
          <InvocationView
            invocation={run.answer}
            result={run.answer.result}
            onLine={hasStack ? (line) => showLine(page, id, run.answer.version, line) : null}
          />
        ) : run.error.code === 'cancelled' ? (
          <p role="status" className="p-3 text-dim">
            {text.outcomes.cancelled}
          </p>
        ) : (
          <div className="px-3">
            <ErrorNote message={run.error.message} hint={run.error.hint} />
          </div>
        )}
      </section>
    </section>
  );
}

const TICK_MS = 100;

function Elapsed({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <span className="text-sm text-dim tabular-nums">{formatMs(Math.max(0, now - since))}</span>;
}
