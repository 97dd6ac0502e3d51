import { mkdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { createAbilities } from '../engines/bubblewrap/abilities.ts';
import { createDockerEngine } from '../engines/docker/docker-engine.ts';
import type { Engine } from '../engines/engine.ts';
import { createNamespaceEngine } from '../engines/namespace/namespace-engine.ts';
import { createPodmanEngine } from '../engines/podman/podman-engine.ts';
import { createProcessEngine } from '../engines/process/process-engine.ts';
import { createVirtualenvEngine } from '../engines/virtualenv/virtualenv-engine.ts';
import { createWasmEngine } from '../engines/wasm/wasm-engine.ts';
import type { Log } from '../lib/log.ts';
import { createRouter, type Router } from '../rpc/router.ts';
import type { Services } from '../rpc/services.ts';
import { createActivity } from '../services/activity.ts';
import { enforceBudgets } from '../services/budgets/budgets.ts';
import { createConsoles } from '../services/consoles/consoles.ts';
import { enforceDeadlines } from '../services/deadlines.ts';
import { createEngines } from '../services/engines/engines.ts';
import { createEvents } from '../services/events.ts';
import { createExecutions } from '../services/executions.ts';
import { createFiles } from '../services/files/files.ts';
import { createFunctions } from '../services/functions/functions.ts';
import { createImages } from '../services/images.ts';
import { createLogs } from '../services/logs.ts';
import { createModuleUploads } from '../services/module-uploads.ts';
import { createModules } from '../services/modules.ts';
import { createMonitor } from '../services/monitor/monitor.ts';
import { createPackages } from '../services/packages.ts';
import { createRegistry } from '../services/sandboxes/registry.ts';
import { createSandboxes } from '../services/sandboxes/sandboxes.ts';
import { createSettings } from '../services/settings/settings.ts';
import { openStore } from '../store/store.ts';
import type { Home } from './home.ts';
import { configFile } from './home-folder.ts';

export interface Host {
  readonly router: Router;
  readonly services: Services;
  /** A small piece of a host's own state, kept in the store under a name. */
  readonly memory: (name: string) => Memory;
  /** For who looks at this host: what they should know of its start. */
  readonly notify: (notice: string) => void;
  /** Of a host that has a window: how to bring it to the front, at a sandbox when one is given. */
  readonly onShow: (show: (sandboxId: string | undefined) => void) => void;
  /** Lets go of everything. Sandboxes go on; programs in consoles end. */
  readonly dispose: () => Promise<void>;
}

export interface Memory {
  readonly load: () => unknown;
  readonly save: (value: unknown) => void;
}

export interface HostOptions {
  readonly kind: 'web' | 'desktop';
  readonly version: string;
  readonly home: Home;
  readonly log: Log;
}

/** Composes the services once, for every kind of host. Adding an engine is one line here. */
export function createHost({ kind, version, home, log }: HostOptions): Host {
  const { path, owner } = home;
  mkdirSync(join(path, 'sandboxes'), { recursive: true, mode: 0o700 });
  const settings = createSettings(configFile(path), log);
  const store = openStore(join(path, 'terrarium.db'), () => settings.get().retention);
  const events = createEvents(store);
  const notices: string[] = [];
  if (store.setAside !== null) {
    const notice = `The database was damaged and was set aside as ${store.setAside}. What the engines still have is back in the list.`;
    notices.push(notice);
    events.record('store_damaged', notice);
  }

  const abilities = createAbilities(path);
  const all: readonly Engine[] = [
    createProcessEngine({ owner, home: path, log }),
    createVirtualenvEngine({ owner, home: path, log, abilities }),
    createNamespaceEngine({ owner, home: path, log, abilities }),
    createWasmEngine({ owner, home: path, log }),
    createDockerEngine({ owner, log }),
    createPodmanEngine({ owner, state: path, log }),
  ];
  const engines = createEngines(all, events, settings, log);
  const registry = createRegistry(store);
  const sandboxes = createSandboxes({ home: path, registry, engines, events, settings, log });
  const activity = createActivity();
  const executions = createExecutions({ store, registry, sandboxes, events, activity, log });
  const files = createFiles({ home: path, registry, engines, sandboxes, activity });
  const consoles = createConsoles({ store, sandboxes, registry, events, activity, log });
  const moduleUploads = createModuleUploads({ home: path, registry, log });
  const monitor = createMonitor({ registry, engines, log });
  const stopBudgets = enforceBudgets({ home: path, registry, engines, sandboxes, log });
  const stopDeadlines = enforceDeadlines({ registry, sandboxes, activity, settings, log });
  const functions = createFunctions({ home: path, store, registry, sandboxes, engines, log });
  engines.supervise(sandboxes.listener);

  let show: ((sandboxId: string | undefined) => void) | null = null;
  const services: Services = {
    registry,
    sandboxes,
    executions,
    files,
    consoles,
    monitor,
    logs: createLogs(sandboxes, engines),
    engines,
    functions,
    images: createImages(engines),
    modules: createModules({ engines, sandboxes }),
    moduleUploads,
    packages: createPackages({ sandboxes, activity, events }),
    events,
    settings,
    showWindow(sandboxId) {
      if (!show) return false;
      if (sandboxId !== undefined) registry.get(sandboxId);
      show(sandboxId);
      return true;
    },
    systemInfo: () => ({
      version,
      hostKind: kind,
      platform: process.platform,
      node: process.versions.node,
      cpus: cpus().length,
      memoryBytes: totalmem(),
      home: path,
      notices: [...notices, ...[settings.problem()].filter((problem) => problem !== null)],
    }),
  };

  return {
    router: createRouter(services),
    services,
    memory: (name) => ({
      load: () => store.settings.get(name),
      save: (value) => store.settings.set(name, value),
    }),
    notify: (notice) => void notices.push(notice),
    onShow(given) {
      show = given;
    },
    async dispose() {
      stopDeadlines();
      stopBudgets();
      monitor.stop();
      await Promise.all([
        functions.closeAll(),
        consoles.closeAll(),
        executions.closeAll(),
        files.closeAll(),
        moduleUploads.dispose(),
      ]);
      await engines.stop();
      settings.dispose();
      store.close();
    },
  };
}
