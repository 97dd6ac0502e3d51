import { SquareFunction } from 'lucide-react';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { type ExampleLanguage, exampleSpec, examples } from './examples.ts';
import { useCreate } from './use-create.ts';

/** What a function is, and the first one at a click. */
export function Welcome() {
  const { ui } = usePage();
  const strings = useStrings();
  const text = strings.functions;
  const { isBusy, error, create, cancel } = useCreate();
  const make = (language: ExampleLanguage) =>
    void create(examples[language].name, exampleSpec(language), examples[language].payload);
  return (
    <div className="h-full overflow-y-auto">
      <EmptyState icon={<SquareFunction size={36} />} title={text.welcome} hint={text.welcomeHint}>
        <Button look="primary" disabled={isBusy} onClick={() => make('javascript')}>
          {text.firstFrom(text.languages.javascript)}
        </Button>
        <Button look="primary" disabled={isBusy} onClick={() => make('python')}>
          {text.firstFrom(text.languages.python)}
        </Button>
        <Button disabled={isBusy} onClick={() => ui.setState({ overlay: 'createFunction' })}>
          {text.newOwn}
        </Button>
        {isBusy && (
          <span role="status" className="flex w-full items-center justify-center gap-2 text-dim">
            <Spinner size={14} />
            {text.creating}
            <Button onClick={cancel}>{strings.app.cancel}</Button>
          </span>
        )}
        {error && (
          <div className="w-full text-left">
            <ErrorNote message={error.message} hint={error.hint} />
          </div>
        )}
      </EmptyState>
    </div>
  );
}
