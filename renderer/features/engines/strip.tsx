import { useState } from 'react';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { ErrorBoundary } from '../../entities/error-boundary.tsx';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useHost, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { PlainDialog } from '../../ui/plain-dialog.tsx';

const EnginePopover = lazyPart(async () => (await import('./engine-popover.tsx')).EnginePopover);

const dotColor = {
  available: 'var(--state-running)',
  missing: 'var(--state-stopped)',
  unreachable: 'var(--state-error)',
  unknown: 'var(--state-busy)',
} as const;

/** The engines that are here, or should be; each tells more when pressed. */
export function EngineStrip() {
  const strings = useStrings();
  const engines = useHost((state) => state.engines);
  const shown = engines?.filter((engine) => engine.status !== 'missing') ?? [];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
    <div
      role="group"
      aria-label={strings.engines.title}
      className="ml-2 flex min-w-0 items-center gap-0.5 overflow-x-auto [scrollbar-width:none] md:shrink-0"
    >
      {shown.map((engine) => (
        <EngineChip key={engine.kind} engine={engine} />
      ))}
    </div>
  );
}

function EngineChip({ engine }: { readonly engine: EngineReport }) {
  const strings = useStrings();
  const [wanted, setWanted] = useState(false);
  const name = strings.engines.names[engine.kind];
  const status = strings.engines.status[engine.status];
  const button = (
    <Button
      look="quiet"
      aria-label={`${name}: ${status}`}
      title={`${name}: ${status}`}
      aria-haspopup="dialog"
      onClick={wanted ? undefined : () => setWanted(true)}
      className={classes('!px-1.5', engine.status === 'unreachable' && '!text-danger')}
    >
      <span aria-hidden="true" className="size-1.5 rounded-full" style={{ background: dotColor[engine.status] }} />
      <EngineIcon kind={engine.kind} />
      <span className="max-2xl:hidden">{name}</span>
    </Button>
  );
  if (!wanted) return button;
  return (
    <ErrorBoundary
      around={(problem) => (
        <>
          {button}
          <PlainDialog closeLabel={strings.app.close} onClose={() => setWanted(false)}>
            {problem}
          </PlainDialog>
        </>
      )}
    >
      <EnginePopover engine={engine} trigger={button} waiting={button} />
    </ErrorBoundary>
  );
}
