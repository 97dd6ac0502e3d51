import { FileDown, FileX, Package as PackageIcon, RefreshCw, Wrench } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { PackageListing, PackageProvider } from '../../../shared/contract/packages.ts';
import { requirementProblem } from '../../../shared/model/requirement.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { controlClass, Select } from '../../ui/field.tsx';
import { ChangePanel } from './change-panel.tsx';
import { PackageRow } from './package-row.tsx';
import { pinned, splitRequirements } from './requirements.ts';
import { type OpenChange, type PackagesState, usePackages } from './use-packages.ts';

/** What is installed in a sandbox, by which provider, and what can be done about it. */
export function Packages({ sandbox }: { readonly sandbox: Sandbox }) {
  const strings = useStrings();
  const state = usePackages(sandbox.id, sandbox.state);
  const [chosen, setChosen] = useState<PackageProvider | null>(null);
  const { listings, error } = state;
  if (error && listings === null) {
    return (
      <EmptyState icon={<FileX size={32} />} title={error.message} hint={error.hint} tone="problem">
        <Button onClick={state.reload}>{strings.app.retry}</Button>
      </EmptyState>
    );
  }
  if (listings === null) return <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
  const listing = listings.find(({ provider }) => provider === chosen) ?? listings[0];
  if (!listing) return <EmptyState icon={<PackageIcon size={32} />} title={strings.packages.none} />;
  return (
    <div className="flex h-full flex-col">
      {error && (
        <div className="shrink-0 bg-surface px-3 pb-2">
          <ErrorNote message={error.message} hint={error.hint} />
        </div>
      )}
      <Listing
        key={listing.provider}
        sandbox={sandbox}
        listing={listing}
        providers={listings.map(({ provider }) => provider)}
        onProvider={setChosen}
        state={state}
      />
      {state.change && <ChangePanel change={state.change} onCancel={state.cancel} onDismiss={state.dismiss} />}
    </div>
  );
}

interface ListingProps {
  readonly sandbox: Sandbox;
  readonly listing: PackageListing;
  readonly providers: readonly PackageProvider[];
  readonly onProvider: (provider: PackageProvider) => void;
  readonly state: PackagesState;
}

function Listing({ sandbox, listing, providers, onProvider, state }: ListingProps) {
  const { connection } = usePage();
  const text = useStrings().packages;
  const [search, setSearch] = useState('');
  const [wanted, setWanted] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const wrongId = useId();
  const { provider, packages, problem, canRepair, requirementsFile } = listing;
  const target = { sandboxId: sandbox.id, provider };
  const busy = state.change?.status === 'running';
  const needle = search.trim().toLowerCase();
  const shown = packages.filter(
    ({ name, summary }) => name.toLowerCase().includes(needle) || summary?.toLowerCase().includes(needle),
  );

  const run = (title: string, open: OpenChange) => state.run(provider, title, open);
  const install = (requirements: string[], fromFile = false) =>
    run(text.installing(fromFile ? (requirementsFile ?? '') : requirements.join(', ')), (client, to, signal) =>
      client.packages.install({ ...to, requirements, fromFile }, { signal }),
    );

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const requirements = splitRequirements(wanted);
    const found = requirements.map((each) => requirementProblem(provider, each)).find((each) => each !== null) ?? null;
    setWrong(found);
    if (found !== null) return;
    if (requirements.length > 0 && (await install(requirements))) setWanted('');
  }

  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-3 py-1.5">
        {providers.length > 1 && (
          <Select
            aria-label={text.provider}
            className="!w-24"
            value={provider}
            disabled={busy}
            options={providers.map((value) => ({ value, label: value }))}
            onChange={onProvider}
          />
        )}
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className={`${controlClass} !w-44`}
        />
        <form className="flex min-w-56 flex-1 flex-wrap items-center gap-1" onSubmit={(event) => void onSubmit(event)}>
          <input
            aria-label={text.wanted}
            placeholder={text.wantedExample[provider]}
            value={wanted}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={wrong !== null || undefined}
            aria-describedby={wrong === null ? undefined : wrongId}
            onChange={(event) => {
              setWanted(event.target.value);
              setWrong(null);
            }}
            className={`${controlClass} !w-auto min-w-0 flex-1 font-mono text-sm`}
          />
          <Button type="submit" look="primary" disabled={busy || wanted.trim() === ''}>
            {text.install}
          </Button>
          {wrong !== null && (
            <p id={wrongId} role="alert" className="w-full text-xs text-danger [overflow-wrap:anywhere]">
              {wrong}
            </p>
          )}
        </form>
        {requirementsFile !== null && (
          <Button
            icon={<FileDown size={14} aria-hidden="true" />}
            disabled={busy}
            onClick={() => void install([], true)}
          >
            {text.installFile(requirementsFile)}
          </Button>
        )}
        <span role="status" className="text-sm text-faint">
          {text.count(shown.length)}
        </span>
        <IconButton label={text.reload} disabled={busy} onClick={state.reload}>
          <RefreshCw size={14} aria-hidden="true" />
        </IconButton>
      </div>
      {problem && (
        <div role="alert" className="flex items-center gap-3 border-b border-line bg-warn-soft px-3 py-2">
          <div className="min-w-0 flex-1">
            <p className="font-medium">{problem.message}</p>
            {problem.hint !== null && <p className="text-dim">{problem.hint}</p>}
          </div>
          {canRepair && (
            <Button
              icon={<Wrench size={14} aria-hidden="true" />}
              disabled={busy}
              onClick={() => void run(text.repairing, (client, to, signal) => client.packages.repair(to, { signal }))}
            >
              {text.repair}
            </Button>
          )}
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-auto">
        {shown.length === 0 ? (
          <EmptyState
            icon={<PackageIcon size={32} />}
            title={packages.length === 0 ? text.empty : text.noMatch}
            hint={packages.length === 0 ? text.emptyHint : undefined}
          />
        ) : (
          <table aria-label={text.title} className="w-full border-collapse">
            <thead className="sticky top-0 z-10 bg-surface text-left text-sm text-dim">
              <tr>
                <th scope="col" className="py-1 pr-3 pl-3 font-medium">
                  {text.name}
                </th>
                <th scope="col" className="pr-3 font-medium">
                  {text.version}
                </th>
                <th scope="col" className="pr-3 font-medium">
                  {text.summary}
                </th>
                <td />
              </tr>
            </thead>
            <tbody>
              {shown.map((pack) => (
                <PackageRow
                  key={`${pack.location} ${pack.name} ${pack.version}`}
                  pack={pack}
                  disabled={busy}
                  onVersions={async () =>
                    (await connection.client.packages.versions({ ...target, name: pack.name })).versions
                  }
                  onInstall={(version) => void install([pinned(provider, pack.name, version)])}
                  onUpgrade={() =>
                    void run(text.upgrading(pack.name), (client, to, signal) =>
                      client.packages.upgrade({ ...to, names: [pack.name] }, { signal }),
                    )
                  }
                  onRemove={() =>
                    void run(text.removing(pack.name), (client, to, signal) =>
                      client.packages.uninstall({ ...to, names: [pack.name] }, { signal }),
                    )
                  }
                />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </>
  );
}
