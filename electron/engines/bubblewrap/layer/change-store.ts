import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { ChangeList } from '../../../../shared/contract/changes.ts';
import { AppError } from '../../../../shared/model/error.ts';
import { openFolder, openIfThere } from '../../../lib/files/folder.ts';
import type { Log } from '../../../lib/log.ts';
import type { ChangeStore, EngineRef } from '../../engine.ts';
import { inAppErrors } from '../../local/errors.ts';
import type { LocalSandbox } from '../../local/launcher.ts';
import { isLive } from '../../local/manifest.ts';
import { boxPaths, readBox } from '../box.ts';
import type { Tools } from '../tools.ts';
import { applyChanges } from './apply.ts';
import { readBase } from './base.ts';
import { readChange } from './change-text.ts';
import { hasLayer, layerOf, prepareLayer } from './layer.ts';
import { listChanges } from './list.ts';
import { keysOf, nameOf, type Part, partOf } from './part.ts';
import { takeOut } from './rebuild.ts';
import { type LayerView, viewLayer } from './view.ts';

const run = promisify(execFile);

/** What an engine of local sandboxes gives for this. */
export interface LocalSandboxes {
  readonly sandboxOf: (ref: EngineRef) => Promise<LocalSandbox>;
  /** Nothing runs in it meanwhile, nor is started. Throws `conflict` when it runs. */
  readonly whileStopped: <T>(ref: EngineRef, work: (sandbox: LocalSandbox) => Promise<T>) => Promise<T>;
}

/** The changes in the layers of sandboxes. */
export function createChangeStore(
  sandboxes: LocalSandboxes,
  tools: () => Promise<Tools>,
  log: Log = pino({ enabled: false }),
): ChangeStore {
  const requireLayer = (sandbox: LocalSandbox) => {
    if (hasLayer(sandbox)) return;
    throw new AppError('unsupported', 'The sandbox writes to its workspace itself.', {
      hint: 'To review writes first, make one that keeps them apart.',
    });
  };

  const viewStopped = async (sandbox: LocalSandbox): Promise<LayerView> => {
    requireLayer(sandbox);
    return viewLayer(await prepareLayer(sandbox), sandbox.manifest.workspace, await tools(), null);
  };

  /** As it runs, else as it stands. */
  const list = async (ref: EngineRef): Promise<ChangeList> => {
    const sandbox = await sandboxes.sandboxOf(ref);
    requireLayer(sandbox);
    const box = isLive(sandbox.manifest) ? await readBox(boxPaths(sandbox)) : null;
    if (box) {
      await using view = await viewLayer(layerOf(sandbox), sandbox.manifest.workspace, await tools(), box.monitor.pid);
      return await listChanges(view, await readBase(layerOf(sandbox)));
    }
    return sandboxes.whileStopped(ref, async (stopped) => {
      await using view = await viewStopped(stopped);
      return await listChanges(view, await readBase(layerOf(stopped)));
    });
  };

  const selected = (paths: readonly string[] | undefined): Part => (paths ? partOf(paths) : true);

  return {
    list: (ref) => inAppErrors(() => list(ref)),
    read: (ref, path) =>
      inAppErrors(async () => {
        const steps = keysOf(path).map(nameOf);
        const sandbox = await sandboxes.sandboxOf(ref);
        requireLayer(sandbox);
        using upper = openIfThere(layerOf(sandbox).upper);
        using lower = openFolder(sandbox.manifest.workspace);
        return readChange({ upper, lower }, steps);
      }),
    apply: (ref, paths, signal) =>
      inAppErrors(async () => {
        const part = selected(paths);
        return sandboxes.whileStopped(ref, async (sandbox) => {
          await using view = await viewStopped(sandbox);
          const base = await readBase(layerOf(sandbox));
          const { part: done, count, failed, failures } = await applyChanges(view, part, { signal, log, base });
          await base.save();
          if (done !== false) {
            // Else a machine that loses its power could have lost both copies.
            await run('sync', ['--file-system', sandbox.manifest.workspace]);
            await takeOut(layerOf(sandbox), view, done);
          }
          signal.throwIfAborted();
          return { applied: count, failed, failures };
        });
      }),
    discard: (ref, paths) =>
      inAppErrors(async () => {
        const part = selected(paths);
        await sandboxes.whileStopped(ref, async (sandbox) => {
          await using view = await viewStopped(sandbox);
          await takeOut(layerOf(sandbox), view, part);
        });
      }),
  };
}
