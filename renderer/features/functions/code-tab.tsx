import { RotateCcw, Save } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import { useFunctions, usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { InvokePanel } from './invoke-panel.tsx';
import { CodeEditor } from './lazy-editor.tsx';
import { OtherCode } from './other-code.tsx';
import { useSave } from './use-save.ts';

interface CodeTabProps {
  readonly whole: ServerlessFunction;
  readonly onSaved: (whole: ServerlessFunction) => void;
}

/** The code, and beside it what it does. */
export function CodeTab({ whole, onSaved }: CodeTabProps) {
  const { code } = whole.spec;
  return (
    <div className="@container h-full">
      <div className="flex h-full min-h-0 flex-col @3xl:flex-row">
        <div className="flex min-h-0 min-w-0 flex-[3] flex-col">
          {code.type === 'javascript' || code.type === 'python' ? (
            <TextCode whole={whole} onSaved={onSaved} language={code.type} saved={code.text} />
          ) : (
            <OtherCode key={whole.version} whole={whole} code={code} onSaved={onSaved} />
          )}
        </div>
        <div className="flex min-h-0 min-w-0 flex-[2] flex-col border-line max-@3xl:border-t @3xl:border-l">
          <InvokePanel id={whole.id} version={whole.version} hasStack={code.type !== 'command'} />
        </div>
      </div>
    </div>
  );
}

interface TextCodeProps extends CodeTabProps {
  readonly language: 'javascript' | 'python';
  readonly saved: string;
}

function TextCode({ whole, onSaved, language, saved }: TextCodeProps) {
  const { actions, functions, ui } = usePage();
  const strings = useStrings();
  const text = strings.functions;
  const { id, version, spec } = whole;
  const draft = useFunctions(({ drafts }) => drafts.get(id));
  const reveal = useFunctions((state) => state.reveal);
  const [goTo, setGoTo] = useState<{ readonly line: number } | null>(null);
  const { save, isSaving, cancel, error, forget } = useSave(whole, onSaved);
  const shown = draft?.text ?? saved;
  const isChanged = draft !== undefined && draft.text !== saved;
  const isBehind = isChanged && draft.base !== version && !isSaving;

  useEffect(() => {
    if (reveal?.id !== id || reveal.version !== version) return;
    setGoTo({ line: reveal.line });
    functions.store.setState({ reveal: null });
  }, [reveal, id, version, functions]);

  function edit(next: string): void {
    if (next !== shown) forget();
    functions.edit(id, next === saved ? null : { text: next, base: draft?.base ?? version });
  }

  async function saveText(): Promise<void> {
    if (!isChanged || isSaving) return;
    const wanted = shown;
    const done = await save({ ...spec, code: { ...spec.code, type: language, text: wanted } });
    if (!done) return;
    // What was typed meanwhile is not saved yet.
    const now = functions.store.getState().drafts.get(id);
    functions.edit(id, now && now.text !== wanted ? { text: now.text, base: done.version } : null);
  }
  const saving = useRef(saveText);
  saving.current = saveText;

  async function revert(): Promise<void> {
    const question = { title: text.revertTitle, text: text.revertText(version), confirm: text.revert, danger: true };
    if ((await actions.ask(question)).yes) functions.edit(id, null);
  }

  // Wherever the focus is: Ctrl+S would save the page otherwise.
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isSave = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 's';
      if (!isSave || ui.getState().overlay !== null || ui.getState().question !== null) return;
      event.preventDefault();
      event.stopPropagation();
      void saving.current();
    };
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, [ui]);

  const line = error?.details?.line;
  const at = typeof line === 'number' ? line : null;
  const problem = useMemo(() => (error ? { line: at, message: error.message } : null), [error, at]);
  return (
    <>
      <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-surface px-3 py-1">
        <span role="status" className={isChanged ? 'min-w-0 text-sm text-warn' : 'min-w-0 text-sm text-faint'}>
          {isSaving ? text.saving : isChanged ? text.notSaved : text.savedAs(version)}
        </span>
        <span className="ml-auto flex items-center gap-1">
          {isSaving && (
            <Button look="quiet" onClick={cancel}>
              {strings.app.cancel}
            </Button>
          )}
          {isChanged && (
            <Button
              look="quiet"
              disabled={isSaving}
              icon={<RotateCcw size={14} aria-hidden="true" />}
              onClick={() => void revert()}
            >
              {text.revert}
            </Button>
          )}
          <Button
            look="primary"
            aria-keyshortcuts="Control+S"
            title={`${text.save} (Ctrl+S)`}
            disabled={!isChanged || isSaving}
            icon={isSaving ? <Spinner size={13} /> : <Save size={14} aria-hidden="true" />}
            onClick={() => void saveText()}
          >
            {text.save}
          </Button>
        </span>
      </div>
      {isBehind && (
        <p className="border-b border-line bg-warn-soft px-3 py-1 text-sm">{text.behind(version, draft.base)}</p>
      )}
      {error && (
        <div className="shrink-0 bg-surface px-3 pb-2">
          <ErrorNote message={error.message} hint={error.hint} />
          {at !== null && (
            <Button look="quiet" className="mt-1 !text-accent" onClick={() => setGoTo({ line: at })}>
              {text.goToLine(at)}
            </Button>
          )}
        </div>
      )}
      <div className="min-h-0 flex-1">
        <CodeEditor
          label={text.codeOf(whole.name)}
          value={shown}
          language={language}
          onChange={edit}
          problem={problem}
          goTo={goTo}
          waiting={<EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />}
        />
      </div>
    </>
  );
}
