// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid cannot be a table; this is ARIA's grid pattern.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the row with aria-activedescendant.
import { type MouseEvent, memo, useSyncExternalStore } from 'react';
import { AGENT_LABEL } from '../../../shared/model/agent-label.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { formatAge, formatBytes, formatCores } from '../../../shared/units.ts';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { sourceText } from '../../entities/source-text.ts';
import { StateDot } from '../../entities/state-badge.tsx';
import { stateText } from '../../entities/state-text.ts';
import { useNow } from '../../entities/use-now.ts';
import { useRuntime } from '../../entities/use-runtime.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { classes } from '../../ui/classes.ts';
import { Sparkline } from './sparkline.tsx';

/** The newest figures of a sandbox as one string, so that a row renders only when its own text changes. */
function useFigures(id: string, live: boolean): readonly [string, string] {
  const { samples } = usePage();
  const text = useSyncExternalStore(samples.onTick, () => {
    const ring = live ? samples.ring(id) : undefined;
    const cpu = ring?.last('cpuCores') ?? Number.NaN;
    const memory = ring?.last('memoryBytes') ?? Number.NaN;
    return `${Number.isNaN(cpu) ? '' : formatCores(cpu)}|${Number.isNaN(memory) ? '' : formatBytes(memory)}`;
  });
  const [cpu = '', memory = ''] = text.split('|');
  return [cpu, memory];
}

function Age({ createdAt }: { readonly createdAt: number }) {
  const strings = useStrings();
  const age = formatAge(useNow() - createdAt);
  return <span title={strings.list.age(age)}>{age}</span>;
}

function Badge({ text, hint }: { readonly text: string; readonly hint: string }) {
  return (
    <span title={hint} className="shrink-0 rounded border border-line-strong px-1 text-[10px] leading-4 text-dim">
      {text}
    </span>
  );
}

interface SandboxRowProps {
  readonly sandbox: Sandbox;
  readonly rowId: string;
  readonly rowIndex: number;
  readonly selected: boolean;
  readonly active: boolean;
  readonly onPress: (id: string, event: MouseEvent) => void;
}

export const SandboxRow = memo(function SandboxRow(props: SandboxRowProps) {
  const { sandbox, rowId, rowIndex, selected, active, onPress } = props;
  const strings = useStrings();
  const live = sandbox.state === 'running' || sandbox.state === 'paused';
  const [cpu, memory] = useFigures(sandbox.id, live);
  const engine = strings.engines.names[sandbox.engine];
  const state = stateText(sandbox, strings);
  const runtime = useRuntime(sandbox)?.title ?? sandbox.spec?.runtime ?? '';
  const source = [runtime, sourceText(sandbox, strings)].filter((part) => part !== '').join(' · ');
  const agent = sandbox.spec?.labels[AGENT_LABEL];
  const isPlain = sandbox.engine === 'process' || sandbox.engine === 'virtualenv';
  const unsafe = isPlain && sandbox.spec?.runtime === undefined;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys.
    <div
      role="row"
      id={rowId}
      aria-label={sandbox.name}
      aria-rowindex={rowIndex}
      aria-selected={selected}
      onClick={(event) => onPress(sandbox.id, event)}
      className={classes(
        'flex h-full items-center gap-2.5 border-l-2 px-3 select-none',
        selected ? 'bg-selected' : 'hover:bg-hover',
        active ? 'border-accent' : 'border-transparent',
      )}
    >
      <div role="gridcell" className="min-w-0 flex-1">
        <div className="flex h-5 items-center gap-2">
          <StateDot state={sandbox.state} />
          <span className="truncate font-medium" title={sandbox.name}>
            {sandbox.name}
          </span>
          {sandbox.foreign && <Badge text={strings.list.foreign} hint={strings.list.foreignHint} />}
          {agent !== undefined && <Badge text={strings.list.agent} hint={strings.list.agentHint(agent)} />}
          {live && (
            <>
              {/* What the name leaves: of a long one, only the newest end of the line is seen. */}
              <span className="flex min-w-0 flex-1 justify-end overflow-hidden">
                <Sparkline id={sandbox.id} dimmed={sandbox.state === 'paused'} />
              </span>
              <span className="min-w-8 shrink-0 text-right text-xs text-dim tabular-nums">
                <span className="sr-only">{strings.list.cpu} </span>
                {cpu}
              </span>
            </>
          )}
        </div>
        <div className="flex h-4 min-w-0 items-center gap-1.5 pl-4 text-xs text-faint">
          <span className="max-w-3/5 shrink-0 truncate" title={state}>
            {state}
          </span>
          <span aria-hidden="true">·</span>
          <span className="flex shrink-0 items-center" title={engine}>
            <EngineIcon kind={sandbox.engine} size={12} />
            <span className="sr-only">{engine}</span>
          </span>
          <span
            className={classes('min-w-0 truncate', unsafe && 'text-warn')}
            title={unsafe ? `${source}, ${strings.engines.notIsolated}` : source}
          >
            {unsafe ? strings.engines.notIsolated : source}
          </span>
          <span aria-hidden="true">·</span>
          <span className="shrink-0">
            <Age createdAt={sandbox.createdAt} />
          </span>
          {live && (
            <span className="ml-auto shrink-0 pl-1.5 text-dim tabular-nums">
              <span className="sr-only">{strings.list.memory} </span>
              {memory}
            </span>
          )}
        </div>
      </div>
    </div>
  );
});
