import { KeyRound } from 'lucide-react';
import { useStore } from 'zustand';
import { ErrorBoundary } from '../entities/error-boundary.tsx';
import { type Page, PageContext, useStrings } from '../stores/page.ts';
import { EmptyState, Spinner } from '../ui/empty-state.tsx';
import { Shell } from './shell.tsx';

export function App({ page }: { readonly page: Page }) {
  return (
    <PageContext value={page}>
      <ErrorBoundary>
        <Start page={page} />
      </ErrorBoundary>
    </PageContext>
  );
}

/** What is shown before there is a connection, or when there will be none. */
function Start({ page }: { readonly page: Page }) {
  const strings = useStrings();
  const status = useStore(page.connection.state, (state) => state.status);
  if (status === 'refused') {
    return (
      <main className="h-full">
        <EmptyState
          icon={<KeyRound size={36} />}
          title={strings.connection.refusedTitle}
          hint={strings.connection.refusedText}
        >
          <code className="rounded-md border border-line-strong bg-raised px-3 py-1.5 font-mono select-all">
            npm start
          </code>
        </EmptyState>
      </main>
    );
  }
  if (status === 'connecting') {
    return (
      <main className="h-full">
        <EmptyState icon={<Spinner size={28} />} title={strings.connection.connecting} />
      </main>
    );
  }
  return <Shell />;
}
