import { MousePointerClick } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { Header } from '../features/detail/header.tsx';
import { Overview } from '../features/overview/overview.tsx';
import { usePage, useSandboxes, useStrings, useUi } from '../stores/page.ts';
import { type DetailTab, detailTabs } from '../stores/ui.ts';
import { EmptyState, Spinner } from '../ui/empty-state.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { ErrorBoundary } from './error-boundary.tsx';

// What few need at first comes when it is opened.
const Consoles = lazy(async () => ({ default: (await import('../features/console/consoles.tsx')).Consoles }));
const Logs = lazy(async () => ({ default: (await import('../features/logs/logs.tsx')).Logs }));
const Stats = lazy(async () => ({ default: (await import('../features/stats/stats.tsx')).Stats }));
const Inspect = lazy(async () => ({ default: (await import('../features/inspect/inspect.tsx')).Inspect }));
const SandboxEvents = lazy(async () => ({ default: (await import('../features/events/events.tsx')).SandboxEvents }));

/** One sandbox. Its parts are features that know nothing of each other; they meet here. */
export function DetailPane() {
  const { ui } = usePage();
  const strings = useStrings();
  const active = useUi((state) => state.active);
  const tab = useUi((state) => state.tab);
  const sandbox = useSandboxes((state) => (active === null ? undefined : state.byId?.get(active)));
  if (!sandbox) {
    return (
      <EmptyState
        icon={<MousePointerClick size={32} />}
        title={strings.detail.nothing}
        hint={strings.detail.nothingHint}
      />
    );
  }
  return (
    <section aria-label={sandbox.name} className="flex h-full min-h-0 flex-col">
      <Header key={sandbox.id} sandbox={sandbox} />
      {sandbox.error && (
        <div className="shrink-0 bg-surface px-3 pb-2">
          <ErrorNote message={sandbox.error.message} hint={sandbox.error.hint} />
        </div>
      )}
      <Tabs
        label={strings.detail.tablist}
        value={tab}
        tabs={detailTabs.map((value) => ({ value, label: strings.detail.tabs[value] }))}
        onChange={(value) => ui.setState({ tab: value })}
      >
        <ErrorBoundary resetKey={`${sandbox.id} ${tab}`}>
          <Suspense fallback={<EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />}>
            <Part tab={tab} sandbox={sandbox} />
          </Suspense>
        </ErrorBoundary>
      </Tabs>
    </section>
  );
}

function Part({ tab, sandbox }: { readonly tab: DetailTab; readonly sandbox: Sandbox }) {
  switch (tab) {
    case 'overview':
      return <Overview sandbox={sandbox} />;
    case 'console':
      return <Consoles key={sandbox.id} sandbox={sandbox} />;
    case 'logs':
      return <Logs key={sandbox.id} sandbox={sandbox} />;
    case 'stats':
      return <Stats key={sandbox.id} sandbox={sandbox} />;
    case 'inspect':
      return <Inspect key={sandbox.id} sandbox={sandbox} />;
    case 'events':
      return <SandboxEvents key={sandbox.id} sandbox={sandbox} />;
  }
}
