import { RefreshCw } from 'lucide-react';
import type { ReactElement } from 'react';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { EngineCard } from '../../entities/engine-card.tsx';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';

interface EnginePopoverProps {
  readonly engine: EngineReport;
  readonly trigger: ReactElement;
}

/** What there is to know of one engine. */
export function EnginePopover({ engine, trigger }: EnginePopoverProps) {
  const { connection, toasts } = usePage();
  const strings = useStrings();
  return (
    <Popover title={strings.engines.names[engine.kind]} trigger={trigger}>
      <p className="text-dim">
        {strings.engines.status[engine.status]}
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
      {engine.status === 'available' && (
        <div className="mt-3 border-t border-line pt-2">
          <EngineCard capabilities={engine.capabilities} />
        </div>
      )}
      {engine.runtimes.map(({ name, title, tradeOff }) => (
        <p key={name} className="mt-2 text-sm">
          <span className="font-medium">{strings.engines.runtime(title)}</span>{' '}
          <span className="text-dim">{tradeOff}</span>
        </p>
      ))}
    </Popover>
  );
}
