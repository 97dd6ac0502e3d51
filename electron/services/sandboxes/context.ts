import type { LimitName } from '../../../shared/model/limits.ts';
import type { KeyedLock } from '../../lib/keyed-lock.ts';
import type { Log } from '../../lib/log.ts';
import type { Topic } from '../../lib/topic.ts';
import type { Engines } from '../engines/engines.ts';
import type { Events } from '../events.ts';
import type { SettingsService } from '../settings/settings.ts';
import type { Quota } from './quota.ts';
import type { Registry } from './registry.ts';

export interface LimitHit {
  readonly id: string;
  readonly limit: LimitName;
}

/** What the parts of the sandboxes service share. */
export interface SandboxContext {
  /** The state folder. */
  readonly home: string;
  readonly registry: Registry;
  readonly engines: Engines;
  readonly events: Events;
  readonly settings: SettingsService;
  readonly quota: Quota;
  readonly log: Log;
  /** One operation at a time on one sandbox. */
  readonly lock: KeyedLock;
  /** Sandboxes that the engine spoke of while an operation held their lock: looked at again after it. */
  readonly dirty: Set<string>;
  /** Those that an operation was made on since the host started: what the engine says of them can be of before it. */
  readonly touched: Set<string>;
  /** Destroyed since the host started; a late word of the engine must not bring them back. */
  readonly destroyed: Set<string>;
  /** Limits that an engine has seen hit, and those that the host ends a sandbox by. */
  readonly limitHits: Topic<LimitHit>;
  /** Creations under way, so that destroy can cut them short. */
  readonly creating: Map<string, AbortController>;
}
