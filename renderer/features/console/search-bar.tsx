import { ArrowDown, ArrowUp, CaseSensitive, Regex, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStrings } from '../../stores/page.ts';
import { IconButton } from '../../ui/button.tsx';
import { controlClass } from '../../ui/field.tsx';
import type { TerminalView } from './terminal.ts';
import { searchColors } from './theme.ts';

export function SearchBar({ view, onClose }: { readonly view: TerminalView; readonly onClose: () => void }) {
  const strings = useStrings();
  const [text, setText] = useState('');
  const [caseSensitive, setCaseSensitive] = useState(false);
  const [regex, setRegex] = useState(false);
  const [results, setResults] = useState({ resultIndex: -1, resultCount: 0 });

  function find(direction: 'next' | 'previous', incremental = false): void {
    const decorations = searchColors(document.documentElement.dataset.theme === 'dark');
    const options = { caseSensitive, regex, incremental, decorations };
    if (direction === 'next') view.search.findNext(text, options);
    else view.search.findPrevious(text, options);
  }

  useEffect(() => {
    const listener = view.search.onDidChangeResults(setResults);
    return () => listener.dispose();
  }, [view]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: find is made of what is listed.
  useEffect(() => {
    if (text === '') {
      view.search.clearDecorations();
      setResults({ resultIndex: -1, resultCount: 0 });
    } else find('previous', true);
  }, [text, caseSensitive, regex, view]);

  return (
    <search
      aria-label={strings.console.search}
      className="absolute top-2 right-5 z-20 flex items-center gap-0.5 rounded-lg border border-line-strong bg-surface p-1 shadow-pop"
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: it appears because the user asked to type here.
        autoFocus
        aria-label={strings.console.search}
        placeholder={strings.console.search}
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') find(event.shiftKey ? 'next' : 'previous');
          if (event.key === 'Escape') onClose();
        }}
        className={`${controlClass} !w-52`}
      />
      <span role="status" className="min-w-20 px-1 text-center text-xs whitespace-nowrap text-faint">
        {text === ''
          ? ''
          : results.resultCount === 0
            ? strings.console.noResults
            : strings.console.results(results.resultIndex + 1, results.resultCount)}
      </span>
      <IconButton
        label={strings.console.caseSensitive}
        aria-pressed={caseSensitive}
        look={caseSensitive ? 'normal' : 'quiet'}
        onClick={() => setCaseSensitive(!caseSensitive)}
      >
        <CaseSensitive size={15} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={strings.console.regex}
        aria-pressed={regex}
        look={regex ? 'normal' : 'quiet'}
        onClick={() => setRegex(!regex)}
      >
        <Regex size={14} aria-hidden="true" />
      </IconButton>
      <IconButton label={strings.console.previous} keys="Enter" onClick={() => find('previous')}>
        <ArrowUp size={14} aria-hidden="true" />
      </IconButton>
      <IconButton label={strings.console.next} keys="Shift+Enter" onClick={() => find('next')}>
        <ArrowDown size={14} aria-hidden="true" />
      </IconButton>
      <IconButton label={strings.app.close} keys="Esc" onClick={onClose}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </search>
  );
}
