import { EngineNotices } from '../features/engines/notices.tsx';
import { List } from '../features/list/list.tsx';
import { usePreference, useStrings, useUi } from '../stores/page.ts';
import { classes } from '../ui/classes.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { DetailPane } from './detail-pane.tsx';
import { FunctionDetail, FunctionList } from './functions-place.tsx';
import { Overlays } from './overlays.tsx';
import { Splitter } from './splitter.tsx';
import { StatusBar } from './status-bar.tsx';
import { Toaster } from './toaster.tsx';
import { TopBar } from './top-bar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

export function Shell() {
  const strings = useStrings();
  const place = useUi((state) => state.place);
  const active = useUi((state) => (state.place === 'functions' ? state.activeFunction : state.active));
  const listWidth = usePreference((state) => state.listWidth);
  useShortcuts();
  return (
    <div className="flex h-full flex-col">
      <TopBar />
      <ConnectionBanner />
      <EngineNotices />
      <main className="flex min-h-0 flex-1">
        <h1 className="sr-only">{strings.app.name}</h1>
        {/* On a narrow window there is room for the list or for the detail. */}
        <div
          className={classes('min-w-0 shrink-0 max-md:!w-full', active !== null && 'max-md:hidden')}
          style={{ width: `min(${listWidth}px, 60vw)` }}
        >
          {place === 'functions' ? <FunctionList /> : <List />}
        </div>
        <Splitter />
        <div className={classes('min-w-0 flex-1', active === null && 'max-md:hidden')}>
          {place === 'functions' ? <FunctionDetail /> : <DetailPane />}
        </div>
      </main>
      <StatusBar />
      <Overlays />
      <Toaster />
    </div>
  );
}
