// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid cannot be a table; this is ARIA's grid pattern.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the row with aria-activedescendant.
import { useEffect, useState } from 'react';
import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import type { FunctionVersion } from '../../../shared/model/function.ts';
import { formatBytes } from '../../../shared/units.ts';
import { formatMoment } from '../../lib/moment.ts';
import { useFunctions, usePage, usePreference, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { aboutFunction } from './about-function.ts';
import { RowGrid } from './row-grid.tsx';
import { useLoaded } from './use-loaded.ts';
import { VersionView } from './version-view.tsx';

const ROW_HEIGHT = 44;

interface VersionsTabProps {
  readonly whole: ServerlessFunction;
  readonly onChanged: (whole: ServerlessFunction) => void;
}

/** What it was, version by version. */
export function VersionsTab({ whole, onChanged }: VersionsTabProps) {
  const { actions, connection, functions, toasts } = usePage();
  const strings = useStrings();
  const text = strings.functions;
  const language = usePreference((state) => state.language);
  const { id, version: current } = whole;
  const reveal = useFunctions((state) => state.reveal);
  const [chosen, setChosen] = useState<number | null>(null);
  const [goTo, setGoTo] = useState<{ readonly version: number; readonly line: number } | null>(null);
  const { value: versions, error } = useLoaded(`${current} ${whole.updatedAt}`, (client, signal) =>
    client.functions.versions({ id }, { signal }),
  );
  const shown = chosen ?? current;

  useEffect(() => {
    if (reveal?.id !== id) return;
    setChosen(reveal.version);
    setGoTo(reveal);
    functions.store.setState({ reveal: null });
  }, [reveal, id, functions]);

  async function makeCurrent(version: number): Promise<void> {
    const hasDraft = functions.store.getState().drafts.has(id);
    const question = {
      title: text.makeCurrentTitle(version),
      text: hasDraft ? `${text.makeCurrentText(current)} ${text.draftStays}` : text.makeCurrentText(current),
      confirm: text.makeCurrent,
      danger: false,
    };
    if (!(await actions.ask(question)).yes) return;
    try {
      onChanged(await connection.client.functions.setCurrent({ id, version }));
    } catch (failure) {
      toasts.error(failure);
    }
  }

  if (error && versions === null) {
    return (
      <div className="p-3">
        <ErrorNote message={error.message} hint={error.hint} />
      </div>
    );
  }
  if (versions === null) return <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
  const byNumber = new Map(versions.map((each) => [String(each.version), each]));
  const found = byNumber.get(String(shown));
  return (
    <div className="@container h-full">
      <div className="flex h-full min-h-0 flex-col @2xl:flex-row">
        <div className="flex min-h-0 shrink-0 flex-col border-line bg-surface max-@2xl:h-2/5 max-@2xl:border-b @2xl:w-60 @2xl:border-r">
          <RowGrid
            label={text.tabs.versions}
            ids={[...byNumber.keys()]}
            active={String(shown)}
            rowHeight={ROW_HEIGHT}
            rowName={(number) => text.versionLong(Number(number))}
            row={(number) => {
              const each = byNumber.get(number);
              return each && <VersionRow version={each} language={language} />;
            }}
            onActive={(number) => {
              setChosen(Number(number));
              setGoTo(null);
            }}
          />
          <p role="status" className="border-t border-line px-3 py-1 text-xs text-faint">
            {text.countVersions(versions.length)}
          </p>
        </div>
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {found ? (
            <VersionView
              key={shown}
              id={id}
              version={found}
              versions={versions}
              current={current}
              goTo={goTo?.version === shown ? goTo : null}
              actions={
                !found.isCurrent && (
                  <Button look="primary" onClick={() => void makeCurrent(shown)}>
                    {text.makeCurrent}
                  </Button>
                )
              }
            />
          ) : (
            <EmptyState icon={null} title={text.versionGone(shown)} />
          )}
        </div>
      </div>
    </div>
  );
}

function VersionRow({ version, language }: { readonly version: FunctionVersion; readonly language: string }) {
  const strings = useStrings();
  const text = strings.functions;
  const about = `${aboutFunction(version, strings)} · ${formatBytes(version.codeBytes)}`;
  return (
    <div role="gridcell" className="min-w-0 flex-1">
      <div className="flex items-center gap-2">
        <span className="font-medium">{text.versionLong(version.version)}</span>
        {version.isCurrent && (
          <span className="rounded bg-selected px-1.5 text-xs leading-4 text-accent">{text.current}</span>
        )}
      </div>
      <div className="truncate text-xs text-faint tabular-nums" title={about}>
        {formatMoment(version.createdAt, language)}
      </div>
    </div>
  );
}
