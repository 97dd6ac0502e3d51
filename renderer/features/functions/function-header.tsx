import { ArrowLeft, ShieldAlert, Trash2 } from 'lucide-react';
import type { FunctionSummary } from '../../../shared/model/function.ts';
import { EditableName } from '../../entities/editable-name.tsx';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { aboutFunction } from './about-function.ts';
import { deleteFunction } from './delete-function.ts';
import { instancesText } from './function-row.tsx';

export function FunctionHeader({ summary }: { readonly summary: FunctionSummary }) {
  const page = usePage();
  const strings = useStrings();
  const text = strings.functions;
  const { id, name, engine, runtime } = summary;
  const about = aboutFunction(summary, strings);
  const isUnsafe = (engine === 'process' || engine === 'virtualenv') && runtime === null;
  return (
    <header className="@container flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 bg-surface px-3 pt-2 pb-1">
      <IconButton
        label={strings.app.back}
        className="md:hidden"
        onClick={() => page.ui.setState({ activeFunction: null })}
      >
        <ArrowLeft size={16} aria-hidden="true" />
      </IconButton>
      <div className="flex min-w-48 flex-1 flex-col">
        <EditableName
          name={name}
          label={text.name}
          maxLength={60}
          onRename={async (wanted) => {
            await page.connection.client.functions.rename({ id, name: wanted });
          }}
        />
        <div className="flex min-w-0 flex-wrap items-center gap-x-1 text-sm text-dim">
          <span className="flex max-w-full min-w-0 items-center gap-1">
            <EngineIcon kind={engine} />
            <span className="truncate" title={about}>
              {about}
            </span>
          </span>
          <span className="shrink-0">· {text.versionLong(summary.version)}</span>
          <span role="status" aria-label={text.instances} className="shrink-0 tabular-nums">
            · {instancesText(summary, strings) || text.noInstances}
          </span>
          {isUnsafe && (
            <span className="ml-1 flex shrink-0 items-center gap-1 rounded bg-warn-soft px-1.5 text-xs text-warn">
              <ShieldAlert size={12} aria-hidden="true" />
              {strings.engines.notIsolated}
            </span>
          )}
        </div>
      </div>
      <div role="toolbar" aria-label={name} className="flex items-center gap-0.5">
        <Button
          look="dangerQuiet"
          aria-label={text.delete}
          title={text.delete}
          icon={<Trash2 size={14} aria-hidden="true" />}
          onClick={() => void deleteFunction(page, summary)}
        >
          <span className="hidden @xl:inline">{text.delete}</span>
        </Button>
      </div>
    </header>
  );
}
