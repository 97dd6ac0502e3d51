import { implement, type Router as RouterOf } from '@orpc/server';
import type { z } from 'zod';
import { type Contract, contract } from '../../shared/contract/index.ts';
import type { createItemSchema } from '../../shared/contract/sandboxes.ts';
import { runAndWait } from '../services/run-and-wait.ts';
import type { CallContext } from './call-context.ts';
import type { Services } from './services.ts';
import { endWith, streamFrom, streamTask } from './stream.ts';

type CreateItem = z.infer<typeof createItemSchema>;

export type Router = RouterOf<Contract, CallContext>;

const os = implement(contract).$context<CallContext>();

/** For calls in the same process, which nobody aborts. */
const unaborted = () => new AbortController().signal;

/** The contract's handlers: each calls one service. */
export function createRouter(services: Services): Router {
  const {
    sandboxes,
    registry,
    executions,
    files,
    consoles,
    monitor,
    logs,
    engines,
    functions,
    images,
    packages,
    events,
    settings,
  } = services;

  return os.router({
    sandboxes: {
      create: os.sandboxes.create.handler(({ input, signal }) =>
        streamTask<CreateItem>(signal, async (push, taskSignal) => {
          const progress = (message: string) => push({ type: 'progress', message });
          const sandbox = await sandboxes.create(input.spec, input.start, { signal: taskSignal, progress });
          push({ type: 'created', sandbox });
        }),
      ),
      createAndWait: os.sandboxes.createAndWait.handler(({ input, signal = unaborted(), context }) => {
        const task = { signal, progress: () => undefined };
        const { idempotencyKey } = context;
        if (idempotencyKey === undefined) return sandboxes.create(input.spec, input.start, task);
        return sandboxes.createOnce(idempotencyKey, { spec: input.spec, start: input.start }, task);
      }),
      validate: os.sandboxes.validate.handler(async ({ input }) => ({
        refusals: [...(await sandboxes.validate(input.spec))],
      })),
      get: os.sandboxes.get.handler(({ input }) => registry.get(input.id).sandbox),
      list: os.sandboxes.list.handler(() => registry.all().map((entry) => entry.sandbox)),
      start: os.sandboxes.start.handler(({ input }) => sandboxes.start(input.id, input)),
      stop: os.sandboxes.stop.handler(({ input }) => sandboxes.stop(input.id, input.graceMs, input)),
      pause: os.sandboxes.pause.handler(({ input }) => sandboxes.pause(input.id, input)),
      resume: os.sandboxes.resume.handler(({ input }) => sandboxes.resume(input.id, input)),
      rebuild: os.sandboxes.rebuild.handler(({ input }) => sandboxes.rebuild(input.id)),
      destroy: os.sandboxes.destroy.handler(({ input }) => sandboxes.destroy(input.id, input)),
      update: os.sandboxes.update.handler(({ input }) => sandboxes.update(input.id, input)),
      inspect: os.sandboxes.inspect.handler(({ input }) => sandboxes.inspect(input.id)),
      watch: os.sandboxes.watch.handler(({ signal }) => endWith(registry.watch(), signal)),
    },
    executions: {
      run: os.executions.run.handler(({ input, signal }) => endWith(executions.run(input), signal)),
      runAndWait: os.executions.runAndWait.handler(({ input, signal }) => runAndWait(executions, input, signal)),
      get: os.executions.get.handler(({ input }) => executions.get(input.id)),
      list: os.executions.list.handler(({ input }) => executions.list(input.sandboxId, input.limit)),
      cancel: os.executions.cancel.handler(({ input }) => {
        executions.cancel(input.id);
        return {};
      }),
      signal: os.executions.signal.handler(async ({ input }) => ({
        delivered: await executions.signal(input.id, input.signal),
      })),
      write: os.executions.write.handler(async ({ input }) => ({
        taken: await executions.write(input.id, Buffer.from(input.base64, 'base64')),
      })),
      endInput: os.executions.endInput.handler(({ input }) => {
        executions.endInput(input.id);
        return {};
      }),
      acknowledge: os.executions.acknowledge.handler(({ input }) => {
        executions.acknowledge(input.id, input.bytes);
        return {};
      }),
    },
    consoles: {
      open: os.consoles.open.handler(({ input }) => consoles.open(input)),
      write: os.consoles.write.handler(({ input }) => {
        consoles.write(input.id, input.data);
        return {};
      }),
      resize: os.consoles.resize.handler(async ({ input }) => {
        await consoles.resize(input.id, input.cols, input.rows);
        return {};
      }),
      close: os.consoles.close.handler(async ({ input }) => {
        await consoles.close(input.id);
        return {};
      }),
      list: os.consoles.list.handler(({ input }) => consoles.list(input.sandboxId)),
      attach: os.consoles.attach.handler(({ input, signal }) => endWith(consoles.attach(input.id), signal)),
      acknowledge: os.consoles.acknowledge.handler(({ input }) => {
        consoles.acknowledge(input.id, input.attachment, input.characters);
        return {};
      }),
    },
    monitor: {
      watch: os.monitor.watch.handler(({ input, signal }) =>
        endWith(monitor.watch(input.id, input.intervalMs, input.historyMs), signal),
      ),
      watchAll: os.monitor.watchAll.handler(({ input, signal }) => endWith(monitor.watchAll(input.intervalMs), signal)),
    },
    logs: {
      follow: os.logs.follow.handler(({ input, signal }) =>
        streamFrom(signal, (end) => logs.follow(input.id, { ...input, signal: end })),
      ),
    },
    engines: {
      list: os.engines.list.handler(() => engines.reports()),
      probe: os.engines.probe.handler(({ input }) => engines.probe(input.kind)),
      watch: os.engines.watch.handler(({ signal }) => endWith(engines.watch(), signal)),
    },
    functions: {
      list: os.functions.list.handler(() => functions.list()),
      watch: os.functions.watch.handler(({ signal }) => endWith(functions.watch(), signal)),
      get: os.functions.get.handler(({ input }) => functions.get(input.id)),
      create: os.functions.create.handler(({ input, signal }) => functions.create(input, signal ?? unaborted())),
      check: os.functions.check.handler(async ({ input, signal }) => ({
        problems: await functions.check(input.spec, signal ?? unaborted()),
      })),
      update: os.functions.update.handler(({ input, signal }) =>
        functions.update(input.id, input, signal ?? unaborted()),
      ),
      rename: os.functions.rename.handler(({ input }) => functions.rename(input.id, input.name)),
      delete: os.functions.delete.handler(async ({ input }) => {
        await functions.remove(input.id);
        return {};
      }),
      versions: os.functions.versions.handler(({ input }) => functions.versions(input.id)),
      version: os.functions.version.handler(({ input }) => functions.version(input.id, input.version)),
      setCurrent: os.functions.setCurrent.handler(({ input }) => functions.setCurrent(input.id, input.version)),
      invoke: os.functions.invoke.handler(({ input, signal }) => functions.invoke(input, signal ?? unaborted())),
      statistics: os.functions.statistics.handler(({ input }) =>
        functions.statistics(input.id, input.periodMs, input.version),
      ),
      instances: os.functions.instances.handler(({ input }) => functions.instances(input.id)),
    },
    invocations: {
      list: os.invocations.list.handler(({ input }) =>
        functions.invocations(input.functionId, input.before, input.limit, input),
      ),
      get: os.invocations.get.handler(({ input }) => functions.invocation(input.id)),
    },
    images: {
      list: os.images.list.handler(({ input }) => images.list(input.engine)),
      pull: os.images.pull.handler(({ input, signal }) =>
        streamFrom(signal, (end) => images.pull(input.engine, input.reference, end)),
      ),
    },
    modules: {
      inspect: os.modules.inspect.handler(({ input }) => services.modules.inspect(input.path)),
      of: os.modules.of.handler(async ({ input }) => ({ info: await services.modules.of(input.sandboxId) })),
      beginUpload: os.modules.beginUpload.handler(async ({ input }) => ({
        uploadId: await services.moduleUploads.begin(input),
      })),
      appendUpload: os.modules.appendUpload.handler(async ({ input }) => {
        await services.moduleUploads.append(input.uploadId, Buffer.from(input.base64, 'base64'));
        return {};
      }),
      finishUpload: os.modules.finishUpload.handler(async ({ input }) => {
        const path = await services.moduleUploads.finish(input.uploadId);
        return { path, info: await services.modules.inspect(path) };
      }),
      cancelUpload: os.modules.cancelUpload.handler(async ({ input }) => {
        await services.moduleUploads.cancel(input.uploadId);
        return {};
      }),
    },
    packages: {
      list: os.packages.list.handler(({ input }) => packages.list(input.sandboxId)),
      install: os.packages.install.handler(({ input, signal }) => streamTask(signal, packages.install(input))),
      upgrade: os.packages.upgrade.handler(({ input, signal }) => streamTask(signal, packages.upgrade(input))),
      uninstall: os.packages.uninstall.handler(({ input, signal }) => streamTask(signal, packages.uninstall(input))),
      repair: os.packages.repair.handler(({ input, signal }) => streamTask(signal, packages.repair(input))),
      freeze: os.packages.freeze.handler(async ({ input }) => ({ text: await packages.freeze(input) })),
      versions: os.packages.versions.handler(async ({ input, signal = new AbortController().signal }) => ({
        versions: await packages.versions(input, signal),
      })),
    },
    snapshots: {
      list: os.snapshots.list.handler(async ({ input }) => [...(await sandboxes.snapshots.list(input.id))]),
      create: os.snapshots.create.handler(({ input, signal }) =>
        sandboxes.snapshots.create(input.id, input.name, signal ?? unaborted()),
      ),
      restore: os.snapshots.restore.handler(({ input, signal }) =>
        sandboxes.snapshots.restore(input.id, input.name, signal ?? unaborted()),
      ),
      clone: os.snapshots.clone.handler(({ input, signal }) =>
        sandboxes.snapshots.clone(input.id, input.name, input.newName, signal ?? unaborted()),
      ),
      remove: os.snapshots.remove.handler(async ({ input }) => {
        await sandboxes.snapshots.remove(input.id, input.name);
        return {};
      }),
    },
    changes: {
      list: os.changes.list.handler(({ input }) => sandboxes.changes.list(input.id)),
      read: os.changes.read.handler(({ input }) => sandboxes.changes.read(input.id, input.path)),
      apply: os.changes.apply.handler(({ input, signal }) =>
        sandboxes.changes.apply(input.id, input.paths, signal ?? unaborted()),
      ),
      discard: os.changes.discard.handler(async ({ input }) => {
        await sandboxes.changes.discard(input.id, input.paths);
        return {};
      }),
    },
    files: {
      stat: os.files.stat.handler(({ input }) => files.stat(input)),
      list: os.files.list.handler(({ input, signal }) => files.list(input, signal ?? unaborted())),
      listAll: os.files.listAll.handler(({ input, signal }) => streamFrom(signal, (end) => files.listAll(input, end))),
      watch: os.files.watch.handler(({ input, signal }) => streamFrom(signal, (end) => files.watch(input, end))),
      read: os.files.read.handler(({ input, signal }) => streamFrom(signal, (end) => files.read(input, end))),
      readWhole: os.files.readWhole.handler(({ input, signal }) => files.readWhole(input, signal ?? unaborted())),
      writeWhole: os.files.writeWhole.handler(async ({ input, signal }) => ({
        size: await files.writeWhole(input, signal ?? unaborted()),
      })),
      beginWrite: os.files.beginWrite.handler(async ({ input }) => ({ writeId: await files.beginWrite(input) })),
      readTree: os.files.readTree.handler(({ input, signal }) =>
        streamFrom(signal, (end) => files.readTree(input, end)),
      ),
      beginWriteTree: os.files.beginWriteTree.handler(async ({ input }) => ({
        writeId: await files.beginWriteTree(input),
      })),
      appendWrite: os.files.appendWrite.handler(async ({ input }) => {
        await files.append(input.writeId, Buffer.from(input.base64, 'base64'));
        return {};
      }),
      finishWrite: os.files.finishWrite.handler(async ({ input }) => {
        await files.finish(input.writeId);
        return {};
      }),
      cancelWrite: os.files.cancelWrite.handler(async ({ input }) => {
        await files.cancel(input.writeId);
        return {};
      }),
      makeFolder: os.files.makeFolder.handler(async ({ input }) => {
        await files.makeFolder(input);
        return {};
      }),
      remove: os.files.remove.handler(async ({ input, signal }) => {
        await files.remove(input, signal ?? unaborted());
        return {};
      }),
      rename: os.files.rename.handler(async ({ input }) => {
        await files.rename(input);
        return {};
      }),
    },
    events: {
      list: os.events.list.handler(({ input }) => events.list(input)),
      watch: os.events.watch.handler(({ input, signal }) => endWith(events.watch(input.sandboxId), signal)),
    },
    settings: {
      get: os.settings.get.handler(() => settings.state()),
      set: os.settings.set.handler(({ input }) => settings.set(input.changes)),
      explain: os.settings.explain.handler(({ input }) => sandboxes.explain(input.spec)),
    },
    system: {
      info: os.system.info.handler(() => services.systemInfo()),
      show: os.system.show.handler(({ input }) => ({ shown: services.showWindow(input.sandboxId) })),
    },
  });
}
