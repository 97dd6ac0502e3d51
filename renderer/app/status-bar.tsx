import { useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { formatBytes, formatCores } from '../../shared/units.ts';
import { useHost, usePage, useSandboxes, useStrings } from '../stores/page.ts';

/** CPU and memory of all running sandboxes together. */
function useTotals(): string {
  const { samples, sandboxes } = usePage();
  return useSyncExternalStore(samples.onTick, () => {
    let cpu = 0;
    let memory = 0;
    for (const { id, state } of sandboxes.getState().byId?.values() ?? []) {
      if (state !== 'running' && state !== 'paused') continue;
      cpu += samples.ring(id)?.last('cpuCores') || 0;
      memory += samples.ring(id)?.last('memoryBytes') || 0;
    }
    return `${formatCores(cpu)}|${formatBytes(memory)}`;
  });
}

export function StatusBar() {
  const { connection } = usePage();
  const strings = useStrings();
  const status = useStore(connection.state, (state) => state.status);
  const system = useHost((state) => state.system);
  const running = useSandboxes((state) => {
    let count = 0;
    for (const sandbox of state.byId?.values() ?? []) if (sandbox.state === 'running') count++;
    return count;
  });
  const [cpu = '', memory = ''] = useTotals().split('|');
  return (
    <footer className="flex h-6 shrink-0 items-center gap-4 overflow-hidden border-t border-line bg-surface px-3 text-xs whitespace-nowrap text-faint tabular-nums">
      <span className="flex items-center gap-1.5">
        <span
          aria-hidden="true"
          className="size-1.5 rounded-full"
          style={{ background: status === 'connected' ? 'var(--state-running)' : 'var(--state-paused)' }}
        />
        {status === 'connected' ? strings.connection.connected : strings.connection.reconnecting}
      </span>
      <span>{strings.statusBar.running(running)}</span>
      <span>{strings.statusBar.cpu(cpu)}</span>
      <span>{strings.statusBar.memory(memory)}</span>
      {system && (
        <span className="ml-auto truncate max-sm:hidden" title={system.home}>
          {strings.settings.about(system.version, system.hostKind)}
        </span>
      )}
    </footer>
  );
}
