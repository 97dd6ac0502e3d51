import { AppError } from '../../../shared/model/error.ts';
import type { TreeRoot } from '../../lib/files/place.ts';
import type { FileView, Launcher, LocalSandbox } from '../local/launcher.ts';
import { isLive } from '../local/manifest.ts';
import { boxPaths, readBox } from './box.ts';
import { hiddenFrom, ruledMounts } from './file-rules.ts';
import { WORKSPACE } from './identity-files.ts';
import { inside } from './inside.ts';
import { hasLayer, layerOf, prepareLayer } from './layer/layer.ts';
import { type LayerView, viewLayer } from './layer/view.ts';
import { asProfiled } from './layout.ts';
import type { Mount } from './mount-plan.ts';
import type { Tools } from './tools.ts';

const HERE = Buffer.from('.');

/** The workspace and what else of this machine a sandbox is shown, without what is hidden in it. `denied`: what always is. */
export function fileView(sandbox: LocalSandbox, denied: readonly string[]): FileView {
  const { spec, workspace } = sandbox.manifest;
  const shown = ruledMounts(asProfiled(spec), { source: workspace, path: WORKSPACE }, hiddenFrom(spec, denied));
  return {
    roots: shown.flatMap(rootOf),
    workdir: inside(sandbox, spec.workdir ?? workspace),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** The same where the workspace may be seen through a layer. */
export function createFileView(tools: () => Promise<Tools>, denied: readonly string[]): NonNullable<Launcher['view']> {
  return async (sandbox, whileStopped) => {
    const plain = fileView(sandbox, denied);
    if (!hasLayer(sandbox)) return plain;
    const { workspace } = sandbox.manifest;
    const box = isLive(sandbox.manifest) ? await readBox(boxPaths(sandbox)) : null;
    const layer: LayerView = box
      ? await viewLayer(layerOf(sandbox), workspace, await tools(), box.monitor.pid)
      : await whileStopped(async (stopped) => viewLayer(await prepareLayer(stopped), workspace, await tools(), null));
    const merged = layer.merged.at(HERE).toString();
    const throughIt = (root: TreeRoot): TreeRoot =>
      root.path === WORKSPACE
        ? { path: WORKSPACE, host: merged, readOnly: box === null, whyReadOnly: startFirst() }
        : root;
    return { ...plain, roots: plain.roots.map(throughIt), [Symbol.asyncDispose]: () => layer[Symbol.asyncDispose]() };
  };
}

const startFirst = () =>
  new AppError('conflict', 'The sandbox does not run, and its writes are kept apart from its workspace.', {
    hint: 'Start it first.',
  });

function rootOf(mount: Mount): readonly TreeRoot[] {
  if (mount.type === 'memory') return [{ path: mount.path, host: null, readOnly: true }];
  if (mount.type !== 'bind') return [];
  // What covers a file that is hidden.
  return [{ path: mount.path, host: mount.source === '/dev/null' ? null : mount.source, readOnly: mount.readOnly }];
}
