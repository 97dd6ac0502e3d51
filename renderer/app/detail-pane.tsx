import { MousePointerClick } from 'lucide-react';
import type { ComponentType } from 'react';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { ErrorBoundary } from '../entities/error-boundary.tsx';
import { Header } from '../features/detail/header.tsx';
import { Overview } from '../features/overview/overview.tsx';
import { type LazyPart, lazyPart } from '../lib/lazy-part.tsx';
import { type DetailTab, tabsOf } from '../stores/detail-tabs.ts';
import { useHost, usePage, useSandboxes, useStrings, useUi } from '../stores/page.ts';
import { EmptyState, Spinner } from '../ui/empty-state.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Tabs } from '../ui/tabs.tsx';

type TabPart = LazyPart<{ readonly sandbox: Sandbox }>;
const lazyTab = (load: () => Promise<ComponentType<{ readonly sandbox: Sandbox }>>): TabPart => lazyPart(load);

// What few need at first comes when the browser has time for it, or when it is opened.
const parts: Readonly<Partial<Record<DetailTab, TabPart>>> = {
  console: lazyTab(async () => (await import('../features/console/consoles.tsx')).Consoles),
  logs: lazyTab(async () => (await import('../features/logs/logs.tsx')).Logs),
  stats: lazyTab(async () => (await import('../features/stats/stats.tsx')).Stats),
  inspect: lazyTab(async () => (await import('../features/inspect/inspect.tsx')).Inspect),
  events: lazyTab(async () => (await import('../features/events/events.tsx')).SandboxEvents),
  changes: lazyTab(async () => (await import('../features/changes/changes.tsx')).Changes),
  packages: lazyTab(async () => {
    // Before any schema is made, whichever file it came to lie in.
    await import('../lib/zod-config.ts');
    return (await import('../features/packages/packages.tsx')).Packages;
  }),
};

/** One sandbox. Its parts are features that know nothing of each other; they meet here. */
export function DetailPane() {
  const { ui } = usePage();
  const strings = useStrings();
  const active = useUi((state) => state.active);
  const chosen = useUi((state) => state.tab);
  const engines = useHost((state) => state.engines);
  const sandbox = useSandboxes((state) => (active === null ? undefined : state.byId?.get(active)));
  const loading = useSandboxes((state) => state.byId === null);
  if (!sandbox && active !== null && loading) {
    return <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
  }
  if (!sandbox) {
    return (
      <EmptyState
        icon={<MousePointerClick size={32} />}
        title={strings.detail.nothing}
        hint={strings.detail.nothingHint}
      />
    );
  }
  const tabs = tabsOf(sandbox, engines);
  const tab = tabs.includes(chosen) ? chosen : 'overview';
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
        tabs={tabs.map((value) => ({ value, label: strings.detail.tabs[value] }))}
        onChange={(value) => ui.setState({ tab: value })}
      >
        <ErrorBoundary resetKey={`${sandbox.id} ${tab}`}>
          <Part tab={tab} sandbox={sandbox} />
        </ErrorBoundary>
      </Tabs>
    </section>
  );
}

function Part({ tab, sandbox }: { readonly tab: DetailTab; readonly sandbox: Sandbox }) {
  const strings = useStrings();
  const Lazy = parts[tab];
  if (!Lazy) return <Overview sandbox={sandbox} />;
  const waiting = <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
  return <Lazy key={`${sandbox.id} ${tab}`} sandbox={sandbox} waiting={waiting} />;
}
