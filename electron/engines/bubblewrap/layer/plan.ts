import { lstatSync, realpathSync } from 'node:fs';
import { isWithin, type Mount, moved } from '../mount-plan.ts';
import { findInLayers } from './find-in-layers.ts';
import type { Layer } from './layer.ts';

/** A plan in which the workspace, shown at `path`, is seen through its layer. */
export function throughLayer(plan: readonly Mount[], workspace: string, path: string, layer: Layer): readonly Mount[] {
  const { upper, merged } = layer;
  const base = realpathSync(workspace);
  return plan.flatMap((mount): readonly Mount[] => {
    if (!isWithin(mount.path, path)) return [mount];
    if (mount.path === path) return [{ type: 'layered', path, upper, lower: workspace, source: merged }];
    return isBare(mount, moved(mount.path, path, base), base, upper) ? [mount] : [];
  });
}

/**
 * Whether a cover is needed: what the layer hides needs none. And none may lie behind a link that was
 * written inside, as bubblewrap would follow it to this machine's files.
 */
function isBare(cover: Mount, covered: string, workspace: string, upper: string): boolean {
  // What a link leads to has a cover of its own.
  if (realpathSync(covered) !== covered) return false;
  const steps = covered.slice(workspace.length).split('/').filter(Boolean);
  const found = findInLayers(upper, workspace, steps);
  if (found === null) return false;
  return found === covered || (cover.type === 'memory' && lstatSync(found).isDirectory());
}
