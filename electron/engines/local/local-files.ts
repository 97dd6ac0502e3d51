import { enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capability } from '../../../shared/model/engine.ts';
import { createTree, type Tree } from '../../lib/files/tree.ts';
import type { EngineRef, FileStore } from '../engine.ts';
import { inAppErrors } from './errors.ts';
import type { FileView, Launcher, LocalSandbox } from './launcher.ts';
import type { LocalEngine } from './local-engine.ts';

/** Folders are held open by /proc/self/fd, so that no program of the sandbox can lead elsewhere meanwhile. */
export const canFiles = (platform: NodeJS.Platform): boolean => platform === 'linux';

export const filesCapability = (platform: NodeJS.Platform, reach: string): Capability =>
  canFiles(platform) ? enforced(reach) : unsupported('only on Linux so far');

/** Files of sandboxes that lie on this machine. */
export function createLocalFiles({
  sandboxOf,
  launcher,
  whileStopped,
}: Pick<LocalEngine, 'sandboxOf' | 'whileStopped'> & { readonly launcher: Launcher }): FileStore {
  const open = (ref: EngineRef): Promise<FileView> =>
    inAppErrors(async () => {
      const sandbox = await sandboxOf(ref);
      return (await launcher.view?.(sandbox, (work) => whileStopped(ref, work))) ?? plainView(sandbox);
    });
  const use = async <T>(ref: EngineRef, work: (tree: Tree) => Promise<T>): Promise<T> => {
    await using view = await open(ref);
    return await work(createTree(view.roots, view.workdir));
  };
  async function* stream<T>(ref: EngineRef, work: (tree: Tree) => AsyncIterable<T>): AsyncGenerator<T> {
    await using view = await open(ref);
    yield* work(createTree(view.roots, view.workdir));
  }
  return {
    stat: (ref, path) => use(ref, (tree) => tree.stat(path)),
    list: (ref, path, signal) => stream(ref, (tree) => tree.list(path, signal)),
    read: (ref, path, options) => stream(ref, (tree) => tree.read(path, options)),
    write: (ref, path, bytes, options) => use(ref, (tree) => tree.write(path, bytes, options)),
    makeFolder: (ref, path) => use(ref, (tree) => tree.makeFolder(path)),
    remove: (ref, path, options) => use(ref, (tree) => tree.remove(path, options)),
    rename: (ref, from, to) => use(ref, (tree) => tree.rename(from, to)),
    readTree: (ref, path, signal) => stream(ref, (tree) => tree.readTree(path, signal)),
    writeTree: (ref, path, tar, signal) => use(ref, (tree) => tree.writeTree(path, tar, signal)),
  };
}

/** Programs that see this machine's files as they are know the workspace by its own path. */
export function plainView({ manifest: { workspace, spec } }: LocalSandbox): FileView {
  return {
    roots: [{ path: workspace, host: workspace, readOnly: false }],
    workdir: spec.workdir ?? workspace,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
