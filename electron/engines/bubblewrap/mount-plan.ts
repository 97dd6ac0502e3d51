import { findInLayers } from './layer/find-in-layers.ts';

/** One thing that a sandbox's root is made of; later ones lie over earlier ones. */
export type Mount =
  | { readonly type: 'bind'; readonly source: string; readonly path: string; readonly readOnly: boolean }
  | { readonly type: 'link'; readonly target: string; readonly path: string }
  | { readonly type: 'folder'; readonly path: string }
  /** In memory, gone with the sandbox. `bytes`: its size. */
  | {
      readonly type: 'memory';
      readonly path: string;
      readonly mode: string;
      readonly bytes?: number;
      readonly readOnly?: boolean;
    }
  /** A bind of `source`, where an overlay is mounted once its namespace is there: `lower`, and `upper` over it. */
  | {
      readonly type: 'layered';
      readonly source: string;
      readonly lower: string;
      readonly upper: string;
      readonly path: string;
    }
  | { readonly type: 'processes'; readonly path: string }
  | { readonly type: 'devices'; readonly path: string }
  /** The mount at this very path (not those below it) is not to be written any more. */
  | { readonly type: 'seal'; readonly path: string };

/** How bwrap(1) is told. */
export function mountArguments(mount: Mount): readonly string[] {
  switch (mount.type) {
    case 'bind':
      return [mount.readOnly ? '--ro-bind' : '--bind', mount.source, mount.path];
    case 'layered':
      return ['--bind', mount.source, mount.path];
    case 'link':
      return ['--symlink', mount.target, mount.path];
    case 'folder':
      return ['--dir', mount.path];
    case 'memory': {
      const size = mount.bytes === undefined ? [] : ['--size', String(mount.bytes)];
      const sealed = mount.readOnly ? ['--remount-ro', mount.path] : [];
      return ['--perms', mount.mode, ...size, '--tmpfs', mount.path, ...sealed];
    }
    case 'processes':
      return ['--proc', mount.path];
    case 'devices':
      return ['--dev', mount.path];
    case 'seal':
      return ['--remount-ro', mount.path];
  }
}

/** Whether `path` is `folder` or lies below it. Both absolute, without `.` and `..`. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** The same place seen from another folder: `/a/b/c` of `/a` in `/x` is `/x/b/c`. */
export const moved = (path: string, from: string, to: string): string =>
  path === from ? to : `${to === '/' ? '' : to}${from === '/' ? path : path.slice(from.length)}`;

/** The mount that shows a path, and the path on this machine behind it; null where that is nothing of this machine's. */
export function behind(plan: readonly Mount[], path: string): string | null {
  const mount = plan.findLast((each) => each.type !== 'seal' && isWithin(path, each.path));
  if (mount?.type === 'layered') {
    const steps = path.slice(mount.path.length).split('/').filter(Boolean);
    return findInLayers(mount.upper, mount.lower, steps);
  }
  return mount?.type === 'bind' ? moved(path, mount.path, mount.source) : null;
}
