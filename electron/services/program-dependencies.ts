import type { Log } from '../lib/log.ts';
import type { Store } from '../store/store.ts';
import type { Activity } from './activity.ts';
import type { Events } from './events.ts';
import type { Registry } from './sandboxes/registry.ts';
import type { Sandboxes } from './sandboxes/sandboxes.ts';

/** What services that run programs in sandboxes stand on. */
export interface ProgramDependencies {
  readonly store: Store;
  readonly registry: Registry;
  readonly sandboxes: Sandboxes;
  readonly events: Events;
  readonly activity: Activity;
  readonly log: Log;
}
