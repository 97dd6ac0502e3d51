import { TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { useHost, usePage, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';

const ENGINE = 'engine ';
const keyOf = ({ kind, reason }: EngineReport) => `${ENGINE}${kind} ${reason}`;

/** Engines that should answer and do not, and what the host has to say of its start. */
export function EngineNotices() {
  const { connection, toasts } = usePage();
  const strings = useStrings();
  const engines = useHost((state) => state.engines);
  const notices = useHost((state) => state.system?.notices);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  const unreachable = engines?.filter((engine) => engine.status === 'unreachable') ?? [];
  const keys = unreachable.map(keyOf);
  // Forgotten as soon as it is over: the next time is news again.
  const stale = dismissed.filter((key) => key.startsWith(ENGINE) && !keys.includes(key));
  if (engines !== null && stale.length > 0) setDismissed(dismissed.filter((key) => !stale.includes(key)));
  return (
    <div role="status">
      {unreachable
        .filter((engine) => !dismissed.includes(keyOf(engine)))
        .map((engine) => (
          <div
            key={engine.kind}
            className="flex flex-wrap items-center gap-x-2 border-b border-line bg-danger-soft px-3 py-1.5 [overflow-wrap:anywhere]"
          >
            <TriangleAlert size={14} className="shrink-0 text-danger" aria-hidden="true" />
            <span className="font-semibold">
              {strings.engines.names[engine.kind]}: {strings.engines.status.unreachable}
            </span>
            <span className="min-w-0">{engine.reason}</span>
            <span className="min-w-0 text-dim">{engine.hint}</span>
            <Button
              className="ml-auto !h-6"
              onClick={() => {
                connection.client.engines.probe({ kind: engine.kind }).catch(toasts.error);
              }}
            >
              {strings.engines.probe}
            </Button>
            <IconButton
              label={strings.app.close}
              className="!h-6"
              onClick={() => setDismissed([...dismissed, keyOf(engine)])}
            >
              <X size={14} aria-hidden="true" />
            </IconButton>
          </div>
        ))}
      {notices
        ?.filter((notice) => !dismissed.includes(notice))
        .map((notice) => (
          <div key={notice} className="flex items-center gap-2 border-b border-line bg-warn-soft px-3 py-1">
            <TriangleAlert size={14} className="shrink-0 text-warn" aria-hidden="true" />
            <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{notice}</span>
            <IconButton label={strings.app.close} className="!h-6" onClick={() => setDismissed([...dismissed, notice])}>
              <X size={14} aria-hidden="true" />
            </IconButton>
          </div>
        ))}
    </div>
  );
}
