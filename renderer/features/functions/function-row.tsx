// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid cannot be a table; this is ARIA's grid pattern.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the row with aria-activedescendant.
import { memo } from 'react';
import type { FunctionSummary } from '../../../shared/model/function.ts';
import { formatAge } from '../../../shared/units.ts';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { useNow } from '../../entities/use-now.ts';
import { useFunctions, useStrings } from '../../stores/page.ts';
import type { Strings } from '../../strings/en.ts';
import { aboutFunction } from './about-function.ts';
import { OutcomeIcon } from './outcome.tsx';

/** `2 busy, 1 idle`; of none nothing. */
export function instancesText({ running, queued, instances }: FunctionSummary, { functions: text }: Strings): string {
  const idle = Math.max(0, instances - running);
  return [running > 0 && text.busy(running), idle > 0 && text.idle(idle), queued > 0 && text.queued(queued)]
    .filter(Boolean)
    .join(', ');
}

function Last({ last }: { readonly last: NonNullable<FunctionSummary['last']> }) {
  const text = useStrings().functions;
  const age = formatAge(useNow() - last.at);
  const outcome = text.outcomes[last.outcome];
  return (
    <span className="ml-auto flex shrink-0 items-center gap-1 tabular-nums" title={text.lastInvocation(outcome, age)}>
      <OutcomeIcon type={last.outcome} size={12} />
      <span className="sr-only">{outcome}</span>
      {age}
    </span>
  );
}

export const FunctionRow = memo(function FunctionRow({ summary }: { readonly summary: FunctionSummary }) {
  const strings = useStrings();
  const text = strings.functions;
  const isUnsaved = useFunctions(({ drafts }) => drafts.has(summary.id));
  const about = aboutFunction(summary, strings);
  const instances = instancesText(summary, strings);
  return (
    <div role="gridcell" className="min-w-0 flex-1">
      <div className="flex h-5 items-center gap-2">
        <span className="min-w-0 truncate font-medium" title={summary.name}>
          {summary.name}
        </span>
        {isUnsaved && (
          <span className="shrink-0 rounded bg-warn-soft px-1 text-[10px] leading-4 text-warn">{text.unsaved}</span>
        )}
        <span className="ml-auto shrink-0 text-xs text-dim tabular-nums">{instances}</span>
      </div>
      <div className="flex h-4 min-w-0 items-center gap-1.5 text-xs text-faint">
        <EngineIcon kind={summary.engine} size={12} />
        <span className="min-w-0 truncate" title={about}>
          {about}
        </span>
        <span className="shrink-0">· {text.version(summary.version)}</span>
        {summary.last ? <Last last={summary.last} /> : <span className="ml-auto shrink-0">{text.neverInvoked}</span>}
      </div>
    </div>
  );
});
