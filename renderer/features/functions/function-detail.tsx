import { FileX, MousePointerClick, SquareFunction } from 'lucide-react';
import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import type { FunctionSummary } from '../../../shared/model/function.ts';
import { CopyButton } from '../../entities/copy-button.tsx';
import { ErrorBoundary } from '../../entities/error-boundary.tsx';
import { type FunctionTab, functionTabs } from '../../stores/function-tabs.ts';
import { useFunctions, usePage, useStrings, useUi } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { CodeTab } from './code-tab.tsx';
import { FunctionHeader } from './function-header.tsx';
import { HistoryTab } from './history-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { StatsTab } from './stats-tab.tsx';
import { type Loaded, useLoaded } from './use-loaded.ts';
import { VersionsTab } from './versions-tab.tsx';
import { Welcome } from './welcome.tsx';

/** One function, or why there is none to show. */
export function FunctionDetail() {
  const strings = useStrings();
  const text = strings.functions;
  const active = useUi((state) => state.activeFunction);
  const isLoading = useFunctions((state) => state.byId === null);
  const isEmpty = useFunctions((state) => state.byId?.size === 0);
  const summary = useFunctions((state) => (active === null ? undefined : state.byId?.get(active)));
  if (isLoading) return <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
  if (summary) return <OneFunction key={summary.id} summary={summary} />;
  if (active !== null) return <Gone id={active} />;
  if (isEmpty) return <Welcome />;
  return <EmptyState icon={<MousePointerClick size={32} />} title={text.nothing} hint={text.nothingHint} />;
}

/** Deleted meanwhile, e.g. by another page. What was not saved is still here. */
function Gone({ id }: { readonly id: string }) {
  const { functions, ui } = usePage();
  const strings = useStrings();
  const text = strings.functions;
  const draft = useFunctions(({ drafts }) => drafts.get(id));
  return (
    <EmptyState
      icon={<SquareFunction size={32} />}
      title={text.gone}
      hint={draft ? text.goneUnsaved : text.goneHint}
      tone="problem"
    >
      {draft && (
        <span className="flex items-center rounded-md border border-line-strong pl-2">
          {text.unsavedCode}
          <CopyButton label={text.copyCode} text={() => draft.text} />
        </span>
      )}
      <Button
        onClick={() => {
          functions.edit(id, null);
          ui.setState({ activeFunction: null });
        }}
      >
        {draft ? text.throwAwayAndLeave : strings.app.close}
      </Button>
    </EmptyState>
  );
}

function OneFunction({ summary }: { readonly summary: FunctionSummary }) {
  const { ui } = usePage();
  const strings = useStrings();
  const text = strings.functions;
  const tab = useUi((state) => state.functionTab);
  const loaded = useLoaded(`${summary.version} ${summary.updatedAt}`, (client, signal) =>
    client.functions.get({ id: summary.id }, { signal }),
  );
  return (
    <section aria-label={summary.name} className="flex h-full min-h-0 flex-col">
      <FunctionHeader summary={summary} />
      <Tabs
        label={text.tablist}
        value={tab}
        tabs={functionTabs.map((value) => ({ value, label: text.tabs[value] }))}
        onChange={(value) => ui.setState({ functionTab: value })}
      >
        <ErrorBoundary resetKey={`${summary.id} ${tab}`}>
          <Part tab={tab} summary={summary} loaded={loaded} />
        </ErrorBoundary>
      </Tabs>
    </section>
  );
}

interface PartProps {
  readonly tab: FunctionTab;
  readonly summary: FunctionSummary;
  readonly loaded: Loaded<ServerlessFunction>;
}

function Part({ tab, summary, loaded }: PartProps) {
  const strings = useStrings();
  const { value, error, reload, set } = loaded;
  if (tab === 'history') return <HistoryTab summary={summary} />;
  if (tab === 'stats') return <StatsTab summary={summary} />;
  if (value === null) {
    if (!error) return <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
    return (
      <EmptyState icon={<FileX size={32} />} title={error.message} hint={error.hint} tone="problem">
        <Button onClick={reload}>{strings.app.retry}</Button>
      </EmptyState>
    );
  }
  if (tab === 'code') return <CodeTab whole={value} onSaved={set} />;
  if (tab === 'versions') return <VersionsTab whole={value} onChanged={set} />;
  return <SettingsTab key={value.version} whole={value} onSaved={set} />;
}
