import { setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { useStrings } from '../../../stores/page.ts';
import { type EditorLanguage, editing, languageOf } from './setup.ts';

export interface CodeEditorProps {
  /** Its accessible name. */
  readonly label: string;
  readonly value: string;
  readonly language: EditorLanguage;
  /** Without it, the text can only be read. */
  readonly onChange?: (value: string) => void;
  /** What is wrong with the text, marked at its line. */
  readonly problem?: { readonly line: number | null; readonly message: string } | null;
  /** A line to go to, from 1. Another object goes there again. */
  readonly goTo?: { readonly line: number } | null;
  /** As high as its text, up to what its place allows. */
  readonly fit?: boolean;
}

/** CodeMirror. It draws only what is in sight, so that a text of a MiB is no burden, and shows characters that hide. */
export function CodeEditor({ label, value, language, onChange, problem, goTo, fit = false }: CodeEditorProps) {
  const phrases = useStrings().functions.editor;
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const first = useRef(value);
  first.current = value;
  const isReadOnly = onChange === undefined;

  useEffect(() => {
    const parent = place.current;
    if (!parent) return;
    const listen = EditorView.updateListener.of((update) => {
      if (update.docChanged) change.current?.(update.state.doc.toString());
    });
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: first.current,
        extensions: [editing({ label, isReadOnly, fit, phrases }), languageOf(language), listen],
      }),
    });
    editor.current = view;
    return () => {
      editor.current = null;
      view.destroy();
    };
  }, [label, isReadOnly, fit, language, phrases]);

  useEffect(() => {
    const view = editor.current;
    // What was typed comes back here: then there is nothing to do.
    if (!view || view.state.doc.toString() === value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const view = editor.current;
    if (!view) return;
    const { doc } = view.state;
    const at = problem?.line == null || problem.line > doc.lines ? null : doc.line(Math.max(1, problem.line));
    const marks =
      problem && at ? [{ from: at.from, to: at.to, severity: 'error' as const, message: problem.message }] : [];
    view.dispatch(setDiagnostics(view.state, marks));
  }, [problem]);

  useEffect(() => {
    const view = editor.current;
    if (!view || !goTo) return;
    const { from } = view.state.doc.line(Math.min(Math.max(1, goTo.line), view.state.doc.lines));
    view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    view.focus();
  }, [goTo]);

  return <div ref={place} className={fit ? 'min-h-0' : 'h-full min-h-0'} />;
}
