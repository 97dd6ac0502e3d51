import { X } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { Change, ChangeText } from '../../../shared/contract/changes.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import { DiffView } from '../../entities/diff-view.tsx';
import { diffLines } from '../../lib/diff-lines.ts';
import { leadsOut, showPath } from '../../lib/show-path.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { IconButton } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { kindTone } from './change-row.tsx';

interface ChangeDiffProps {
  readonly sandboxId: string;
  readonly change: Change;
  /** The text is read anew with another one. */
  readonly version: string;
  readonly onClose: () => void;
}

/** What one change does, line by line where it is text. */
export function ChangeDiff({ sandboxId, change, version, onClose }: ChangeDiffProps) {
  const strings = useStrings();
  const text = strings.changes;
  const path = showPath(change.path);
  return (
    <section
      aria-label={text.diffOf(path)}
      className="flex min-h-0 basis-1/2 flex-col border-t border-line-strong bg-surface"
    >
      <header className="flex items-center gap-2 border-b border-line px-3 py-1">
        <span className={classes('text-xs font-medium', kindTone[change.kind])}>{text.kinds[change.kind]}</span>
        <h3 className="min-w-0 flex-1 truncate font-mono text-sm" title={path}>
          {path}
        </h3>
        <IconButton label={strings.app.close} onClick={onClose}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </header>
      <div
        className="min-h-0 flex-1 overflow-auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
      >
        {change.type === 'file' ? (
          <TextDiff key={`${version} ${change.path}`} sandboxId={sandboxId} path={change.path} />
        ) : (
          <p className="p-3 text-dim">
            {change.target === null ? text.noText[change.type] : text.linkTo(showPath(change.target))}
            {change.target !== null && leadsOut(change.path, change.target) && (
              <span className="text-warn"> {text.leadsOut}</span>
            )}
          </p>
        )}
      </div>
    </section>
  );
}

function TextDiff({ sandboxId, path }: { readonly sandboxId: string; readonly path: string }) {
  const { connection } = usePage();
  const text = useStrings().changes;
  const [found, setFound] = useState<ChangeText | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const { client } = connection;

  useEffect(() => {
    const stop = new AbortController();
    client.changes
      .read({ id: sandboxId, path }, { signal: stop.signal })
      .then(setFound)
      .catch((failure) => {
        if (!stop.signal.aborted) setError(toAppError(failure));
      });
    return () => stop.abort();
  }, [client, sandboxId, path]);

  const lines = useMemo(() => (found ? diffLines(found.before ?? '', found.after ?? '') : []), [found]);
  if (error) return <ErrorNote message={error.message} hint={error.hint} />;
  if (!found) {
    return (
      <p className="p-3">
        <Spinner size={16} />
      </p>
    );
  }
  if (found.problem !== null) return <p className="p-3 text-dim">{text.problems[found.problem]}</p>;
  if (!lines.some(({ kind }) => kind === 'added' || kind === 'removed')) {
    return (
      <p className="p-3 text-dim">{found.before === '' || found.after === '' ? text.emptyFile : text.sameLines}</p>
    );
  }
  return <DiffView lines={lines} show={showPath} />;
}
