import type { Sandbox, SandboxState } from '../../shared/model/sandbox.ts';
import { useStrings } from '../stores/page.ts';
import { classes } from '../ui/classes.ts';
import { stateText } from './state-text.ts';

const colors: Readonly<Record<SandboxState, string>> = {
  creating: 'var(--state-busy)',
  ready: 'var(--state-stopped)',
  running: 'var(--state-running)',
  paused: 'var(--state-paused)',
  stopping: 'var(--state-busy)',
  stopped: 'var(--state-stopped)',
  destroying: 'var(--state-busy)',
  error: 'var(--state-error)',
  lost: 'var(--state-lost)',
};
const moving: ReadonlySet<SandboxState> = new Set(['creating', 'stopping', 'destroying']);
const hollow: ReadonlySet<SandboxState> = new Set(['ready', 'stopped', 'lost']);

/** A dot whose colour and shape tell the state; the words stand beside it. */
export function StateDot({ state }: { readonly state: SandboxState }) {
  return (
    <span
      aria-hidden="true"
      className={classes(
        'inline-block size-2 shrink-0 rounded-full border-[1.5px]',
        moving.has(state) && 'animate-pulse',
      )}
      style={{ borderColor: colors[state], backgroundColor: hollow.has(state) ? 'transparent' : colors[state] }}
    />
  );
}

export function StateBadge({ sandbox }: { readonly sandbox: Sandbox }) {
  const strings = useStrings();
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <StateDot state={sandbox.state} />
      {stateText(sandbox, strings)}
    </span>
  );
}
