import { type ReactNode, useMemo, useState } from 'react';
import type { FunctionSpecInput, FunctionVersion } from '../../../shared/model/function.ts';
import { formatBytes } from '../../../shared/units.ts';
import { DiffView } from '../../entities/diff-view.tsx';
import { joinCommand } from '../../lib/command-line.ts';
import { diffLines } from '../../lib/diff-lines.ts';
import { showPath } from '../../lib/show-path.ts';
import { useStrings } from '../../stores/page.ts';
import { Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Select } from '../../ui/field.tsx';
import { aboutFunction } from './about-function.ts';
import { CodeEditor } from './lazy-editor.tsx';
import { useLoaded } from './use-loaded.ts';

interface VersionViewProps {
  readonly id: string;
  readonly version: FunctionVersion;
  readonly versions: readonly FunctionVersion[];
  readonly current: number;
  readonly goTo: { readonly line: number } | null;
  readonly actions: ReactNode;
}

/** The code as text, of whatever it is. */
export function codeText({ code }: FunctionSpecInput): string {
  if (code.type === 'module') return code.path;
  return code.type === 'command' ? joinCommand(code.command) : code.text;
}

/** Everything but the code, as JSON to be compared. */
export function restText({ code, ...rest }: FunctionSpecInput): string {
  const { type } = code;
  const handler = 'handler' in code ? { handler: code.handler } : {};
  return `${JSON.stringify({ code: { type, ...handler }, ...rest }, null, 2)}\n`;
}

/** One version: its code, or how it differs from another one. */
export function VersionView({ id, version, versions, current, goTo, actions }: VersionViewProps) {
  const strings = useStrings();
  const text = strings.functions;
  const { version: number } = version;
  const [other, setOther] = useState<number | null>(null);
  const load = (wanted: number) => (client: Client, signal: AbortSignal) =>
    client.functions.version({ id, version: wanted }, { signal });
  const own = useLoaded(`${id} ${number}`, load(number));
  const compared = versions.some((each) => each.version === other) ? other : null;
  const code = own.value?.spec.code;
  return (
    <>
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-3 py-1">
        <span className="min-w-0 truncate text-sm text-dim">
          {aboutFunction(version, strings)} · {formatBytes(version.codeBytes)}
        </span>
        <span className="ml-auto flex items-center gap-2">
          <Select
            aria-label={text.compare}
            className="!w-48"
            value={compared === null ? 'none' : String(compared)}
            options={[
              { value: 'none', label: text.compareNone },
              ...versions
                .filter((each) => each.version !== number)
                .map((each) => ({
                  value: String(each.version),
                  label: text.compareWith(each.version, each.version === current),
                })),
            ]}
            onChange={(chosen) => setOther(chosen === 'none' ? null : Number(chosen))}
          />
          {actions}
        </span>
      </div>
      <div className="min-h-0 flex-1">
        {own.error ? (
          <div className="px-3">
            <ErrorNote message={own.error.message} hint={own.error.hint} />
          </div>
        ) : !own.value || !code ? (
          <p className="p-3">
            <Spinner size={16} />
          </p>
        ) : compared === null ? (
          <CodeEditor
            label={text.codeOf(text.versionLong(number))}
            value={codeText(own.value.spec)}
            language={code.type === 'javascript' || code.type === 'python' ? code.type : 'text'}
            goTo={goTo}
          />
        ) : (
          <Comparison key={compared} id={id} spec={own.value.spec} other={compared} number={number} />
        )}
      </div>
    </>
  );
}

type Client = Parameters<Parameters<typeof useLoaded>[1]>[0];

interface ComparisonProps {
  readonly id: string;
  readonly spec: FunctionSpecInput;
  readonly number: number;
  readonly other: number;
}

/** From the older to the newer one, whichever is looked at. */
function Comparison({ id, spec, number, other }: ComparisonProps) {
  const text = useStrings().functions;
  const { value, error } = useLoaded(`${id} ${other}`, (client, signal) =>
    client.functions.version({ id, version: other }, { signal }),
  );
  const parts = useMemo(() => {
    if (!value) return [];
    const [before, after] = other < number ? [value.spec, spec] : [spec, value.spec];
    return [
      { title: text.tabs.code, lines: diffLines(codeText(before), codeText(after)) },
      { title: text.tabs.settings, lines: diffLines(restText(before), restText(after)) },
    ].filter(({ lines }) => lines.some(({ kind }) => kind === 'added' || kind === 'removed'));
  }, [value, spec, number, other, text]);
  if (error) return <ErrorNote message={error.message} hint={error.hint} />;
  if (!value) {
    return (
      <p className="p-3">
        <Spinner size={16} />
      </p>
    );
  }
  const [older, newer] = [Math.min(number, other), Math.max(number, other)];
  return (
    <section
      aria-label={text.changesFrom(older, newer)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
      tabIndex={0}
      className="h-full overflow-auto bg-surface"
    >
      <p className="sticky left-0 px-3 pt-2 text-sm text-dim">{text.changesFrom(older, newer)}</p>
      {parts.length === 0 && <p className="p-3 text-dim">{text.sameVersions}</p>}
      {parts.map(({ title, lines }) => (
        <div key={title}>
          <h3 className="sticky left-0 px-3 pt-2 text-sm font-semibold text-dim">{title}</h3>
          <DiffView lines={lines} show={showPath} />
        </div>
      ))}
    </section>
  );
}
