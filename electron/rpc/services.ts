import type { SystemInfo } from '../../shared/contract/system.ts';
import type { Consoles } from '../services/consoles/consoles.ts';
import type { Engines } from '../services/engines/engines.ts';
import type { Events } from '../services/events.ts';
import type { Executions } from '../services/executions.ts';
import type { Files } from '../services/files/files.ts';
import type { Functions } from '../services/functions/functions.ts';
import type { Images } from '../services/images.ts';
import type { Logs } from '../services/logs.ts';
import type { ModuleUploads } from '../services/module-uploads.ts';
import type { Modules } from '../services/modules.ts';
import type { Monitor } from '../services/monitor/monitor.ts';
import type { Packages } from '../services/packages.ts';
import type { Registry } from '../services/sandboxes/registry.ts';
import type { Sandboxes } from '../services/sandboxes/sandboxes.ts';
import type { SettingsService } from '../services/settings/settings.ts';

/** What the handlers call. */
export interface Services {
  readonly registry: Registry;
  readonly sandboxes: Sandboxes;
  readonly executions: Executions;
  readonly files: Files;
  readonly consoles: Consoles;
  readonly monitor: Monitor;
  readonly logs: Logs;
  readonly engines: Engines;
  readonly functions: Functions;
  readonly images: Images;
  readonly modules: Modules;
  readonly moduleUploads: ModuleUploads;
  readonly packages: Packages;
  readonly events: Events;
  readonly settings: SettingsService;
  readonly systemInfo: () => SystemInfo;
  /** Whether there is a window that could be brought to the front. */
  readonly showWindow: (sandboxId: string | undefined) => boolean;
}
