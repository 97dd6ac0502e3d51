import { CirclePause, CirclePlay, Hammer, type LucideIcon, Play, Square, Trash2 } from 'lucide-react';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { type ListAction, listActions } from '../stores/actions.ts';
import { usePage, useStrings, useUi } from '../stores/page.ts';
import { busyKey } from '../stores/ui.ts';
import { Button } from '../ui/button.tsx';

export const actionIcons: Readonly<Record<ListAction, LucideIcon>> = {
  start: Play,
  stop: Square,
  pause: CirclePause,
  resume: CirclePlay,
  rebuild: Hammer,
  destroy: Trash2,
};

interface ActionButtonsProps {
  readonly sandboxes: readonly Sandbox[];
  readonly among?: readonly ListAction[];
  /** Whether names are shown only where there is room for them. */
  readonly labels?: 'always' | 'roomy';
}

/** The actions that make sense for these sandboxes now. */
export function ActionButtons({ sandboxes, among = listActions, labels = 'roomy' }: ActionButtonsProps) {
  const { actions } = usePage();
  const strings = useStrings();
  const busy = useUi((state) => state.busy);
  return among.map((action) => {
    const targets = actions.possible(action, sandboxes);
    if (targets.length === 0) return null;
    const Icon = actionIcons[action];
    const label = strings.actions[action];
    const working = targets.some((sandbox) => busy.has(busyKey(action, sandbox.id)));
    return (
      <Button
        key={action}
        look={action === 'destroy' ? 'dangerQuiet' : 'quiet'}
        aria-label={label}
        title={label}
        disabled={working}
        icon={<Icon size={14} aria-hidden="true" />}
        onClick={() => {
          void actions.run(
            action,
            targets.map((sandbox) => sandbox.id),
          );
        }}
      >
        <span className={labels === 'always' ? '' : 'hidden @xl:inline'}>{label}</span>
      </Button>
    );
  });
}
