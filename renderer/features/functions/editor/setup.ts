import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { python } from '@codemirror/lang-python';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

export type EditorLanguage = 'javascript' | 'python' | 'json' | 'text';

const languages: Readonly<Record<EditorLanguage, () => Extension>> = {
  javascript: () => [javascript(), indentUnit.of('  ')],
  python: () => [python(), indentUnit.of('    ')],
  json: () => [json(), indentUnit.of('  ')],
  text: () => [],
};

export function languageOf(language: EditorLanguage): Extension {
  return languages[language]();
}

/** The page's own tones, which keep their contrast in both themes. */
const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--syntax-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--warn)' },
  { tag: [tags.comment, tags.meta], color: 'var(--faint)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.definition(tags.variableName)], color: 'var(--accent)' },
  { tag: [tags.function(tags.propertyName), tags.propertyName, tags.className], color: 'var(--accent)' },
  { tag: tags.invalid, color: 'var(--danger)' },
]);

const look = (fit: boolean) =>
  EditorView.theme({
    '&': { height: fit ? 'auto' : '100%', maxHeight: '100%', backgroundColor: 'var(--bg)', color: 'var(--text)' },
    // Over the gutter too, which would cover an outline.
    '&.cm-focused': { outline: 'none' },
    '&.cm-focused::after': {
      content: '""',
      position: 'absolute',
      inset: '0',
      zIndex: '300',
      border: '2px solid var(--accent)',
      pointerEvents: 'none',
    },
    '.cm-scroller': { fontFamily: 'var(--font-mono)', fontSize: '12px', lineHeight: '18px', overflow: 'auto' },
    '.cm-content': { caretColor: 'var(--text)', padding: '6px 0', outline: 'none' },
    '.cm-gutters': { backgroundColor: 'var(--bg)', color: 'var(--faint)', border: 'none' },
    '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 12px', minWidth: '34px' },
    '.cm-activeLine': { backgroundColor: 'transparent' },
    '&.cm-focused .cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 60%, transparent)' },
    '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
    '.cm-cursor': { borderLeftColor: 'var(--text)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
      backgroundColor: 'color-mix(in srgb, var(--accent-fill) 35%, transparent)',
    },
    '.cm-selectionMatch': { backgroundColor: 'color-mix(in srgb, var(--accent-fill) 20%, transparent)' },
    '&.cm-focused .cm-matchingBracket': {
      backgroundColor: 'color-mix(in srgb, var(--accent-fill) 30%, transparent)',
    },
    '.cm-searchMatch': { backgroundColor: 'var(--mark)' },
    '.cm-searchMatch-selected': { backgroundColor: 'var(--mark-now)' },
    '.cm-specialChar': { color: 'var(--danger)' },
    '.cm-lintRange-error': {
      backgroundImage: 'none',
      textDecoration: 'underline wavy var(--danger)',
      textDecorationSkipInk: 'none',
      textUnderlineOffset: '3px',
    },
    '.cm-tooltip': {
      backgroundColor: 'var(--surface)',
      color: 'var(--text)',
      border: '1px solid var(--line-strong)',
      borderRadius: '6px',
    },
    '.cm-diagnostic-error': { borderLeftColor: 'var(--danger)' },
    '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '12px' },
    '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
    '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
    '.cm-textfield': {
      backgroundColor: 'var(--surface)',
      border: '1px solid var(--control)',
      borderRadius: '4px',
      color: 'var(--text)',
      fontSize: '12px',
    },
    '.cm-button': {
      backgroundImage: 'none',
      backgroundColor: 'var(--raised)',
      border: '1px solid var(--line-strong)',
      borderRadius: '4px',
      color: 'var(--text)',
    },
    '.cm-panel.cm-search [name=close]': { color: 'var(--text)' },
  });

interface EditingOptions {
  readonly label: string;
  readonly isReadOnly: boolean;
  readonly fit: boolean;
  /** CodeMirror's own words in the page's language. */
  readonly phrases: Readonly<Record<string, string>>;
}

export function editing({ label, isReadOnly, fit, phrases }: EditingOptions): Extension {
  const always = [
    look(fit),
    syntaxHighlighting(colors),
    EditorState.phrases.of(phrases),
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-readonly': String(isReadOnly),
      spellcheck: 'false',
    }),
    // Marks that turn the direction of text are shown as what they are.
    highlightSpecialChars(),
    drawSelection(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    keymap.of([...searchKeymap, ...defaultKeymap]),
  ];
  if (isReadOnly) return [EditorState.readOnly.of(true), lineNumbers(), EditorView.lineWrapping, ...always];
  return [
    history(),
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    indentOnInput(),
    closeBrackets(),
    // Escape and then Tab leaves the editor, as does F6.
    keymap.of([...closeBracketsKeymap, ...historyKeymap, indentWithTab]),
    ...always,
  ];
}
