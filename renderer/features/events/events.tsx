import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { EventList } from './event-list.tsx';

export function SandboxEvents({ sandbox }: { readonly sandbox: Sandbox }) {
  return (
    <div className="h-full overflow-y-auto">
      <EventList sandboxId={sandbox.id} />
    </div>
  );
}
