import { changesContract } from './changes.ts';
import { consolesContract } from './consoles.ts';
import { enginesContract } from './engines.ts';
import { eventsContract } from './events.ts';
import { executionsContract } from './executions.ts';
import { functionsContract, invocationsContract } from './functions.ts';
import { imagesContract } from './images.ts';
import { logsContract } from './logs.ts';
import { modulesContract } from './modules.ts';
import { monitorContract } from './monitor.ts';
import { packagesContract } from './packages.ts';
import { sandboxesContract } from './sandboxes.ts';
import { settingsContract } from './settings.ts';
import { snapshotsContract } from './snapshots.ts';
import { systemContract } from './system.ts';

/** Every call and stream between the page (or a script) and the host. */
export const contract = {
  sandboxes: sandboxesContract,
  executions: executionsContract,
  consoles: consolesContract,
  monitor: monitorContract,
  logs: logsContract,
  engines: enginesContract,
  functions: functionsContract,
  invocations: invocationsContract,
  images: imagesContract,
  modules: modulesContract,
  packages: packagesContract,
  snapshots: snapshotsContract,
  changes: changesContract,
  events: eventsContract,
  settings: settingsContract,
  system: systemContract,
};
export type Contract = typeof contract;
