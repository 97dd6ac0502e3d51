import { lazyPart } from '../../lib/lazy-part.tsx';
import type { CodeEditorProps } from './editor/code-editor.tsx';

/** CodeMirror comes by itself, as few need it at first. */
export const CodeEditor = lazyPart<CodeEditorProps>(async () => (await import('./editor/code-editor.tsx')).CodeEditor);
