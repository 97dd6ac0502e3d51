import { ArrowLeft, ShieldAlert } from 'lucide-react';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { ActionButtons } from '../../entities/action-buttons.tsx';
import { EditableName } from '../../entities/editable-name.tsx';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { sourceText } from '../../entities/source-text.ts';
import { StateBadge } from '../../entities/state-badge.tsx';
import { useRuntime } from '../../entities/use-runtime.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { IconButton } from '../../ui/button.tsx';

export function Header({ sandbox }: { readonly sandbox: Sandbox }) {
  const { actions, ui } = usePage();
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
        <EditableName
          name={sandbox.name}
          label={strings.detail.name}
          maxLength={80}
          onRename={sandbox.foreign ? null : (name) => actions.rename(sandbox.id, name)}
        />
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
