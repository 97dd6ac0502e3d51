import { Check, EqualApproximately, Minus } from 'lucide-react';
import type { Capability } from '../../shared/model/engine.ts';
import { useStrings } from '../stores/page.ts';

export const supportLooks = {
  enforced: { Icon: Check, color: 'text-ok' },
  'best-effort': { Icon: EqualApproximately, color: 'text-warn' },
  unsupported: { Icon: Minus, color: 'text-faint' },
} as const;

/** A quiet sign of how something is held; its words and the reason when pointed at. */
export function SupportMark({ capability: { support, note } }: { readonly capability: Capability }) {
  const text = useStrings().overview.support[support];
  const { Icon, color } = supportLooks[support];
  return (
    <span title={note === undefined ? text : `${text}: ${note}`} className={`inline-flex ${color}`}>
      <Icon size={12} aria-hidden="true" />
      <span className="sr-only">{text}</span>
    </span>
  );
}
