import { Ban, Check, CircleAlert, type LucideIcon, OctagonX, TimerOff } from 'lucide-react';
import type { Invocation, InvocationOutcome } from '../../../shared/model/function.ts';
import type { Strings } from '../../strings/en.ts';

export const outcomeLooks: Readonly<Record<InvocationOutcome, { readonly Icon: LucideIcon; readonly tone: string }>> = {
  returned: { Icon: Check, tone: 'text-ok' },
  threw: { Icon: CircleAlert, tone: 'text-danger' },
  limit: { Icon: TimerOff, tone: 'text-danger' },
  cancelled: { Icon: Ban, tone: 'text-faint' },
  failed: { Icon: OctagonX, tone: 'text-danger' },
};

/** How it ended, in a few words; of an error its name and what it says. */
export function outcomeText(outcome: Invocation['outcome'], strings: Strings): string {
  const text = strings.functions;
  switch (outcome.type) {
    case 'threw':
      return outcome.message === null || outcome.message === '' ? outcome.name : `${outcome.name}: ${outcome.message}`;
    case 'limit':
      return outcome.limit === 'wallTimeMs'
        ? text.timedOut
        : text.limitReached(strings.overview.limitNames[outcome.limit]);
    case 'failed':
      return outcome.error.message;
    default:
      return text.outcomes[outcome.type];
  }
}

export function OutcomeIcon({ type, size = 14 }: { readonly type: InvocationOutcome; readonly size?: number }) {
  const { Icon, tone } = outcomeLooks[type];
  return <Icon size={size} aria-hidden="true" className={`shrink-0 ${tone}`} />;
}
