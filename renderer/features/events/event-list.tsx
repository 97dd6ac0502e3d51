import { FileX, History } from 'lucide-react';
import type { EventType } from '../../../shared/model/event.ts';
import { formatMoment } from '../../lib/moment.ts';
import { usePage, usePreference, useSandboxes, useStrings } from '../../stores/page.ts';
import { sandboxShown } from '../../stores/ui.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { useEvents } from './use-events.ts';

const bad: ReadonlySet<EventType> = new Set([
  'create_failed',
  'error',
  'limit_exceeded',
  'lost',
  'engine_unreachable',
  'consoles_ended',
  'store_damaged',
]);

interface EventListProps {
  /** Undefined: of all sandboxes and engines. */
  readonly sandboxId?: string;
  readonly onLeave?: () => void;
}

export function EventList({ sandboxId, onLeave }: EventListProps) {
  const { ui } = usePage();
  const strings = useStrings();
  const language = usePreference((state) => state.language);
  const byId = useSandboxes((state) => state.byId);
  const { events, error, loadOlder } = useEvents(sandboxId);
  if (error) return <EmptyState icon={<FileX size={32} />} title={error.message} hint={error.hint} tone="problem" />;
  if (events === null) return <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
  if (events.length === 0) return <EmptyState icon={<History size={32} />} title={strings.events.empty} />;
  return (
    <div className="flex flex-col">
      <ol aria-label={strings.events.title} className="divide-y divide-line">
        {events.map((event) => {
          const sandbox = event.sandboxId === null ? undefined : byId?.get(event.sandboxId);
          return (
            <li
              key={event.id}
              className="grid grid-cols-[11.5rem_minmax(0,1fr)] gap-3 px-3 py-1.5 max-sm:grid-cols-1 max-sm:gap-0"
            >
              <time dateTime={new Date(event.at).toISOString()} className="text-sm text-faint tabular-nums">
                {formatMoment(event.at, language)}
              </time>
              <div className="min-w-0 [overflow-wrap:anywhere]">
                <span className={bad.has(event.type) ? 'font-medium text-danger' : 'font-medium'}>
                  {strings.events.types[event.type]}
                </span>
                {sandboxId === undefined && sandbox && (
                  <Button
                    look="quiet"
                    className="ml-1 !h-5 max-w-60 !px-1 !text-accent"
                    onClick={() => {
                      ui.setState(sandboxShown(sandbox.id));
                      onLeave?.();
                    }}
                  >
                    <span className="truncate" title={sandbox.name}>
                      {sandbox.name}
                    </span>
                  </Button>
                )}
                {sandboxId === undefined && !sandbox && event.sandboxName !== null && (
                  <span className="ml-2 text-dim">{event.sandboxName}</span>
                )}
                {/* The host speaks English: what says no more than the type is not said twice. */}
                {event.message !== en.events.types[event.type] && <p className="text-dim">{event.message}</p>}
              </div>
            </li>
          );
        })}
      </ol>
      {loadOlder && (
        <Button className="m-3 self-center" onClick={loadOlder}>
          {strings.events.older}
        </Button>
      )}
    </div>
  );
}
