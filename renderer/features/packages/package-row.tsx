import { ArrowUpToLine, History, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Package } from '../../../shared/contract/packages.ts';
import { type AppError, isAppError, toAppError } from '../../../shared/model/app-error.ts';
import { useStrings } from '../../stores/page.ts';
import { IconButton } from '../../ui/button.tsx';
import { Spinner } from '../../ui/empty-state.tsx';
import { Select } from '../../ui/field.tsx';

interface PackageRowProps {
  readonly pack: Package;
  /** Something else is being done to the packages. */
  readonly disabled: boolean;
  readonly onVersions: () => Promise<readonly string[]>;
  readonly onInstall: (version: string) => void;
  readonly onUpgrade: () => void;
  readonly onRemove: () => void;
}

type Versions = readonly string[] | 'loading' | AppError | null;

export function PackageRow({ pack, disabled, onVersions, onInstall, onUpgrade, onRemove }: PackageRowProps) {
  const text = useStrings().packages;
  const [versions, setVersions] = useState<Versions>(null);
  const mine = pack.location === 'sandbox';

  async function look(): Promise<void> {
    setVersions('loading');
    try {
      setVersions(await onVersions());
    } catch (error) {
      setVersions(toAppError(error));
    }
  }

  return (
    <tr className="border-b border-line align-middle hover:bg-hover">
      <th scope="row" className="py-1 pr-3 pl-3 text-left font-mono text-sm font-medium">
        {pack.name}
      </th>
      <td className="pr-3 font-mono text-sm whitespace-nowrap tabular-nums">
        {Array.isArray(versions) ? (
          <Select
            aria-label={text.versionOf(pack.name)}
            className="!w-32"
            value={pack.version}
            disabled={disabled}
            options={[...new Set([pack.version, ...versions])].map((value) => ({ value, label: value }))}
            onChange={onInstall}
          />
        ) : (
          pack.version
        )}
        {versions === 'loading' && (
          <span className="ml-2 inline-block align-middle">
            <Spinner size={12} />
          </span>
        )}
      </td>
      <td className="w-full max-w-0 truncate pr-3 text-dim" title={pack.summary ?? undefined}>
        {isAppError(versions) ? (
          <span role="alert" className="text-danger" title={versions.hint}>
            {versions.message}
          </span>
        ) : (
          pack.summary
        )}
      </td>
      <td className="pr-2 text-right whitespace-nowrap">
        {mine ? (
          <>
            <IconButton label={text.versions(pack.name)} disabled={disabled} onClick={() => void look()}>
              <History size={14} aria-hidden="true" />
            </IconButton>
            <IconButton label={text.upgrade(pack.name)} disabled={disabled} onClick={onUpgrade}>
              <ArrowUpToLine size={14} aria-hidden="true" />
            </IconButton>
            <IconButton label={text.remove(pack.name)} look="dangerQuiet" disabled={disabled} onClick={onRemove}>
              <Trash2 size={14} aria-hidden="true" />
            </IconButton>
          </>
        ) : (
          <span className="text-xs text-faint">{text.ofSystem}</span>
        )}
      </td>
    </tr>
  );
}
