import { ArrowLeft, Pencil, ShieldAlert } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { ActionButtons } from '../../entities/action-buttons.tsx';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { sourceText } from '../../entities/source-text.ts';
import { StateBadge } from '../../entities/state-badge.tsx';
import { useRuntime } from '../../entities/use-runtime.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { IconButton } from '../../ui/button.tsx';
import { controlClass } from '../../ui/field.tsx';

export function Header({ sandbox }: { readonly sandbox: Sandbox }) {
  const { ui } = usePage();
  const strings = useStrings();
  const source = sourceText(sandbox, strings);
  const runtime = useRuntime(sandbox)?.title ?? sandbox.spec?.runtime ?? '';
  const about = [strings.engines.names[sandbox.engine], runtime, source].filter((part) => part !== '').join(' · ');
  const isPlain = sandbox.engine === 'process' || sandbox.engine === 'virtualenv';
  const unsafe = isPlain && sandbox.spec?.runtime === undefined;
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
        <div className="flex min-w-0 flex-wrap items-center gap-x-2 text-sm text-dim">
          <span role="status" aria-label={strings.detail.state}>
            <StateBadge sandbox={sandbox} />
          </span>
          <span className="flex max-w-full min-w-0 items-center gap-1">
            <EngineIcon kind={sandbox.engine} />
            <span className="truncate" title={about}>
              {about}
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
  const [error, setError] = useState<string | null>(null);
  const saving = useRef(false);

  function edit(text: string | null): void {
    setDraft(text);
    setError(null);
  }

  async function finish(): Promise<void> {
    const name = draft?.trim() ?? '';
    if (name === '' || name === sandbox.name) return edit(null);
    // Enter and then the loss of the focus are one wish.
    if (saving.current) return;
    saving.current = true;
    try {
      await actions.rename(sandbox.id, name);
      edit(null);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    } finally {
      saving.current = false;
    }
  }

  if (draft !== null) {
    return (
      <div className="max-w-96">
        <input
          // biome-ignore lint/a11y/noAutofocus: it appears because the user asked to type here.
          autoFocus
          aria-label={strings.detail.name}
          aria-invalid={error !== null || undefined}
          value={draft}
          maxLength={80}
          onChange={(event) => edit(event.target.value)}
          onFocus={(event) => event.target.select()}
          onBlur={() => void finish()}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void finish();
            if (event.key === 'Escape') edit(null);
          }}
          className={`${controlClass} !text-lg font-semibold`}
        />
        {error !== null && (
          <p role="alert" className="py-0.5 text-xs text-danger [overflow-wrap:anywhere]">
            {error}
          </p>
        )}
      </div>
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
          onClick={() => edit(sandbox.name)}
        >
          <Pencil size={13} aria-hidden="true" />
        </IconButton>
      )}
    </div>
  );
}
