import { TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import { useHost, usePage, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';

/** Engines that should answer and do not, and what the host has to say of its start. */
export function EngineNotices() {
  const { connection, toasts } = usePage();
  const strings = useStrings();
  const engines = useHost((state) => state.engines);
  const notices = useHost((state) => state.system?.notices);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  const unreachable = engines?.filter((engine) => engine.status === 'unreachable') ?? [];
  return (
    <div role="status">
      {unreachable.map((engine) => (
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
