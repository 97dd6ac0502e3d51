import { File, FileSymlink, FileWarning, Folder } from 'lucide-react';
import { memo } from 'react';
import type { Change } from '../../../shared/contract/changes.ts';
import { formatBytes } from '../../../shared/units.ts';
import { leadsOut, showPath, splitPath } from '../../lib/show-path.ts';
import { useStrings } from '../../stores/page.ts';
import { classes } from '../../ui/classes.ts';

const icons = { file: File, directory: Folder, symlink: FileSymlink, other: FileWarning } as const;
export const kindTone = { added: 'text-ok', modified: 'text-accent', deleted: 'text-danger' } as const;

interface ChangeRowProps {
  readonly change: Change;
  readonly chosen: boolean;
  readonly open: boolean;
  readonly disabled: boolean;
  readonly onToggle: (path: string) => void;
  readonly onOpen: (change: Change) => void;
}

export const ChangeRow = memo(function ChangeRow({ change, chosen, open, disabled, onToggle, onOpen }: ChangeRowProps) {
  const text = useStrings().changes;
  const { path, kind, type, size, target, changedOutside } = change;
  const [folder, name] = splitPath(path);
  const Icon = icons[type];
  const whole = showPath(path);
  return (
    <div className={classes('flex h-7 items-center gap-2 px-3', open ? 'bg-selected' : 'hover:bg-hover')}>
      <input
        type="checkbox"
        aria-label={text.choose(whole)}
        checked={chosen}
        disabled={disabled}
        onChange={() => onToggle(path)}
        className="size-3.5 shrink-0 accent-accent-fill"
      />
      <span className={classes('w-16 shrink-0 text-xs font-medium', kindTone[kind])}>{text.kinds[kind]}</span>
      <Icon size={14} className={type === 'other' ? 'shrink-0 text-warn' : 'shrink-0 text-faint'} aria-hidden="true" />
      <button
        type="button"
        aria-expanded={open}
        title={whole}
        onClick={() => onOpen(change)}
        className="flex min-w-0 flex-1 items-center text-left font-mono text-sm"
      >
        {/* Cut off at its beginning, as the name is what tells most. */}
        <span className="min-w-0 shrink truncate text-faint">{showPath(folder)}</span>
        <span className={classes('max-w-full min-w-12 shrink-0 truncate', kind === 'deleted' && 'line-through')}>
          {showPath(name)}
          {type === 'directory' && '/'}
        </span>
        {target !== null && (
          <span
            className={classes('ml-2 min-w-0 truncate', leadsOut(path, target) ? 'text-warn' : 'text-faint')}
            title={leadsOut(path, target) ? text.leadsOut : undefined}
          >
            → {showPath(target)}
          </span>
        )}
      </button>
      {changedOutside && (
        <span className="shrink-0 rounded bg-warn-soft px-1.5 text-xs text-warn" title={text.changedOutsideHint}>
          {text.changedOutside}
        </span>
      )}
      <span className="shrink-0 text-xs text-faint tabular-nums">
        {type === 'other' ? text.notApplied : size === null ? '' : formatBytes(size)}
      </span>
    </div>
  );
});
