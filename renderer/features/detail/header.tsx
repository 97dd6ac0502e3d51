import { ArrowLeft, Pencil, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { ActionButtons } from '../../entities/action-buttons.tsx';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { sourceText } from '../../entities/source-text.ts';
import { StateBadge } from '../../entities/state-badge.tsx';
import { usePage, useStrings } from '../../stores/page.ts';
import { IconButton } from '../../ui/button.tsx';
import { controlClass } from '../../ui/field.tsx';

export function Header({ sandbox }: { readonly sandbox: Sandbox }) {
  const { ui } = usePage();
  const strings = useStrings();
  const source = sourceText(sandbox, strings);
  const unsafe = sandbox.engine === 'process' || sandbox.engine === 'virtualenv';
  return (
    <header className="@container flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 bg-surface px-3 pt-2 pb-1">
      <IconButton
        label={strings.app.back}
        className="md:hidden"
        onClick={() => ui.setState({ active: null, selected: new Set(), anchor: null })}
      >
        <ArrowLeft size={16} aria-hidden="true" />
      </IconButton>
      <div className="flex min-w-48 flex-1 flex-col">
        <Name sandbox={sandbox} />
        <div className="flex min-w-0 items-center gap-2 text-sm text-dim">
          <span role="status" aria-label={strings.detail.state}>
            <StateBadge state={sandbox.state} />
          </span>
          <span className="flex min-w-0 items-center gap-1">
            <EngineIcon kind={sandbox.engine} />
            <span className="truncate" title={source}>
              {strings.engines.names[sandbox.engine]}
              {source === '' ? '' : ` · ${source}`}
            </span>
          </span>
          {sandbox.foreign && (
            <span className="shrink-0 rounded border border-line-strong px-1 text-xs" title={strings.list.foreignHint}>
              {strings.list.foreign}
            </span>
          )}
          {unsafe && (
            <span className="flex shrink-0 items-center gap-1 rounded bg-warn-soft px-1.5 text-xs text-warn">
              <ShieldAlert size={12} aria-hidden="true" />
              {strings.engines.notIsolated}
            </span>
          )}
        </div>
      </div>
      <div role="toolbar" aria-label={sandbox.name} className="flex items-center gap-0.5">
        <ActionButtons sandboxes={[sandbox]} />
      </div>
    </header>
  );
}

/** The name, and a field for another one. */
function Name({ sandbox }: { readonly sandbox: Sandbox }) {
  const { actions } = usePage();
  const strings = useStrings();
  const [draft, setDraft] = useState<string | null>(null);

  function finish(): void {
    const name = draft?.trim() ?? '';
    setDraft(null);
    if (name !== '' && name !== sandbox.name) void actions.rename(sandbox.id, name);
  }

  if (draft !== null) {
    return (
      <input
        // biome-ignore lint/a11y/noAutofocus: it appears because the user asked to type here.
        autoFocus
        aria-label={strings.detail.name}
        value={draft}
        maxLength={80}
        onChange={(event) => setDraft(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === 'Enter') finish();
          if (event.key === 'Escape') setDraft(null);
        }}
        className={`${controlClass} max-w-96 !text-lg font-semibold`}
      />
    );
  }
  return (
    <div className="group flex h-7 min-w-0 items-center gap-1">
      <h2 className="truncate text-lg font-semibold" title={sandbox.name}>
        {sandbox.name}
      </h2>
      {!sandbox.foreign && (
        <IconButton
          label={strings.actions.rename}
          className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
          onClick={() => setDraft(sandbox.name)}
        >
          <Pencil size={13} aria-hidden="true" />
        </IconButton>
      )}
    </div>
  );
}
