import { useStrings } from '../../stores/page.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { EventList } from './event-list.tsx';

export function AllEvents({ onClose }: { readonly onClose: () => void }) {
  const strings = useStrings();
  return (
    <Dialog title={strings.events.all} closeLabel={strings.app.close} onClose={onClose}>
      <div className="min-h-0 overflow-y-auto">
        <EventList onLeave={onClose} />
      </div>
    </Dialog>
  );
}
