import { RefreshCw } from 'lucide-react';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { useHost, usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { Popover } from '../../ui/popover.tsx';

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
      className="ml-2 flex min-w-0 items-center gap-0.5 overflow-hidden"
    >
      {shown.map((engine) => (
        <EngineChip key={engine.kind} engine={engine} />
      ))}
    </div>
  );
}

function EngineChip({ engine }: { readonly engine: EngineReport }) {
  const { connection, toasts } = usePage();
  const strings = useStrings();
  const name = strings.engines.names[engine.kind];
  const status = strings.engines.status[engine.status];
  return (
    <Popover
      title={name}
      trigger={
        <Button
          look="quiet"
          aria-label={`${name}: ${status}`}
          title={`${name}: ${status}`}
          className={classes('!px-1.5', engine.status === 'unreachable' && '!text-danger')}
        >
          <span aria-hidden="true" className="size-1.5 rounded-full" style={{ background: dotColor[engine.status] }} />
          <EngineIcon kind={engine.kind} />
          <span className="max-lg:hidden">{name}</span>
        </Button>
      }
    >
      <p className="text-dim">
        {status}
        {engine.version !== null && `, ${strings.engines.version(engine.version)}`}
        {` · ${strings.engines.isolation[engine.capabilities.isolation]}`}
      </p>
      {engine.reason !== null && <p className="mt-1 [overflow-wrap:anywhere]">{engine.reason}</p>}
      {engine.hint !== null && <p className="mt-1 text-dim [overflow-wrap:anywhere]">{engine.hint}</p>}
      <dl className="mt-2 text-sm">
        {Object.entries(engine.facts).map(([key, value]) => (
          <div key={key} className="flex gap-2">
            <dt className="shrink-0 text-faint">{key}</dt>
            <dd className="min-w-0 font-mono [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
      <Button
        className="mt-2"
        icon={<RefreshCw size={13} aria-hidden="true" />}
        onClick={() => {
          connection.client.engines.probe({ kind: engine.kind }).catch(toasts.error);
        }}
      >
        {strings.engines.probe}
      </Button>
    </Popover>
  );
}
