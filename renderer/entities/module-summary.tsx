import { Check, ChevronRight, X } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import type { ModuleImport, ModuleInfo } from '../../shared/contract/modules.ts';
import { formatBytes } from '../../shared/units.ts';
import { useStrings } from '../stores/page.ts';
import { classes } from '../ui/classes.ts';

/** What a WebAssembly module is, needs, asks for and brings. Its names are a stranger's: they wrap, and long lists are closed. */
export function ModuleSummary({ info }: { readonly info: ModuleInfo }) {
  const text = useStrings().modules;
  const { imports, exports, sections, memory } = info;
  const refused = imports.items.filter(({ allowed }) => !allowed);
  const allowed = imports.items.filter(({ allowed: isAllowed }) => isAllowed);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <p>
        <span className="font-medium">{text.kinds[info.kind]}</span>{' '}
        <span className="text-faint">· {text.kindHints[info.kind]}</span>
      </p>
      <dl className="flex flex-wrap gap-x-4 gap-y-0.5 text-sm">
        <Pair label={text.size}>{formatBytes(info.sizeBytes)}</Pair>
        <Pair label={text.memory}>
          {memory === null
            ? text.noMemory
            : text.memoryFromTo(
                formatBytes(memory.minimumBytes),
                memory.maximumBytes === null ? null : formatBytes(memory.maximumBytes),
              )}
        </Pair>
      </dl>
      {info.refused > 0 && (
        <Names title={text.refused(info.refused)} total={info.refused} shown={refused.length} open tone="bad">
          <Imports imports={refused} />
        </Names>
      )}
      {imports.total === 0 ? (
        <p className="text-sm text-dim">{text.noImports}</p>
      ) : (
        allowed.length > 0 && (
          <Names
            title={text.allowed(imports.total - info.refused)}
            total={imports.total - info.refused}
            shown={allowed.length}
            tone="good"
          >
            <Imports imports={allowed} />
          </Names>
        )
      )}
      <Names title={text.exports(exports.total)} total={exports.total} shown={exports.items.length}>
        {exports.items.map(({ name, kind, signature }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names that were cut may be the same, and nothing is moved.
          <li key={index} className="[overflow-wrap:anywhere]">
            {name}
            <span className="text-faint">{signature === null ? ` ${text.itemKinds[kind]}` : signature}</span>
          </li>
        ))}
      </Names>
      <Names title={text.sections(sections.total)} total={sections.total} shown={sections.items.length}>
        {sections.items.map(({ name, sizeBytes }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a name may come twice, and nothing is moved.
          <li key={index} className="[overflow-wrap:anywhere]">
            {name} <span className="text-faint">{formatBytes(sizeBytes)}</span>
          </li>
        ))}
      </Names>
    </div>
  );
}

function Imports({ imports }: { readonly imports: readonly ModuleImport[] }) {
  const text = useStrings().modules;
  return imports.map(({ module, name, kind, allowed }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a module may ask twice for the same, and nothing is moved.
    <li key={index} className="[overflow-wrap:anywhere]">
      <span className="text-faint">{module}.</span>
      <span className={allowed ? '' : 'font-semibold text-danger'}>{name}</span>
      {kind !== 'function' && <span className="text-faint"> {text.itemKinds[kind]}</span>}
    </li>
  ));
}

function Pair({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="flex min-w-0 gap-1.5">
      <dt className="text-faint">{label}</dt>
      <dd className="tabular-nums">{children}</dd>
    </div>
  );
}

interface NamesProps {
  readonly title: string;
  readonly total: number;
  readonly shown: number;
  readonly open?: boolean;
  readonly tone?: 'good' | 'bad';
  readonly children: ReactNode;
}

/** A list that is opened by its title. */
function Names({ title, total, shown, open: openFirst = false, tone, children }: NamesProps) {
  const text = useStrings().modules;
  const [open, setOpen] = useState(openFirst);
  const id = useId();
  if (total === 0) return null;
  return (
    <div className="min-w-0 text-sm">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className={classes(
          'flex items-center gap-1 rounded text-left hover:text-text',
          tone === 'bad' ? 'font-medium text-danger' : 'text-dim',
        )}
      >
        <ChevronRight size={13} aria-hidden="true" className={classes('shrink-0', open && 'rotate-90')} />
        {tone === 'good' && <Check size={13} aria-hidden="true" className="shrink-0 text-ok" />}
        {tone === 'bad' && <X size={13} aria-hidden="true" className="shrink-0" />}
        {title}
      </button>
      {open && (
        <section
          id={id}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
          tabIndex={0}
          aria-label={title}
          className="mt-0.5 ml-4 max-h-40 overflow-y-auto rounded bg-bg px-2 py-1"
        >
          <ul className="font-mono text-xs leading-5">{children}</ul>
          {shown < total && <p className="text-xs text-faint">{text.more(total - shown)}</p>}
        </section>
      )}
    </div>
  );
}
