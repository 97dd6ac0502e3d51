import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../../lib/atomic-file.ts';
import { DEEPEST, descend, type Folder, openFolder, tooDeep } from '../../../lib/files/folder.ts';
import { toBytes, toText } from '../../../lib/files/names.ts';
import { createPace, type Pace } from '../../../lib/files/pace.ts';
import { ifThere } from '../../../lib/if-there.ts';
import { removeTree } from '../../../lib/remove-tree.ts';
import { enterLevel, hiddenIn, type Level, permissions } from './children.ts';
import type { Layer } from './layer.ts';
import { type Part, partAt } from './part.ts';

/**
 * A folder of the layer may hide what lies below it, which is written in an attribute of it that Node cannot
 * change. So of a folder that loses a part a new one is made, which hides nothing but by the signs that are
 * put into it; what is not touched is moved over whole.
 */
const planSchema = z.object({
  /** What goes on being in the layer, by path. */
  moves: z.array(z.string()),
  /** Of folders that were made anew, once all is in them; deeper ones first. */
  modes: z.array(z.tuple([z.string(), z.number()])),
});
type Plan = z.infer<typeof planSchema>;

/** ext4 has 65,000 for each file. */
const MOST_LINKS = 60_000;

const paths = ({ folder }: Pick<Layer, 'folder'>) => ({
  next: join(folder, 'next'),
  old: join(folder, 'old'),
  plan: join(folder, 'rebuild.json'),
  sign: join(folder, 'whiteout'),
});

/** Takes a part out of the layer; nothing must run in it. A host that is killed meanwhile leaves what `finishRebuild` finishes. */
export async function takeOut(layer: Layer, view: Level, part: Part): Promise<void> {
  if (part === false) return;
  const { next, plan: planFile, sign } = paths(layer);
  const plan: Plan = { moves: [], modes: [] };
  await mkdir(next, { mode: 0o700 });
  if (part !== true) {
    using root = openFolder(next);
    await removeTree(sign);
    await copyLevel(view, root, part, '', { plan, sign: whiteouts(sign), pace: createPace() }, 0);
    await removeTree(sign);
  }
  plan.modes.push(['.', permissions(view.upper.stats())]);
  // From here on it is finished, whatever happens.
  await writeFileAtomic(planFile, JSON.stringify(plan));
  await finishRebuild(layer);
}

interface Copying {
  readonly plan: Plan;
  readonly sign: (at: Buffer) => void;
  readonly pace: Pace;
}

async function copyLevel(
  level: Level,
  next: Folder,
  part: Part,
  above: string,
  copying: Copying,
  depth: number,
): Promise<void> {
  if (depth > DEEPEST) throw tooDeep();
  const { plan, sign, pace } = copying;
  for (const name of level.upper.names()) {
    await pace();
    const gone = partAt(part, name);
    if (gone === true) continue;
    const path = `${above}${toText(name)}`;
    using inner = gone === false ? null : enterLevel(level, name);
    if (!inner) {
      plan.moves.push(path);
      continue;
    }
    mkdirSync(next.at(name), { mode: 0o700 });
    using innerNext = next.enter(name);
    if (!innerNext) throw new Error(`${path} is gone from a layer that is being made`);
    await copyLevel(inner, innerNext, gone, `${path}/`, copying, depth + 1);
    plan.modes.push([path, permissions(inner.upper.stats())]);
  }
  const { lower, upper, merged } = level;
  if (!lower || !merged) return;
  for (const hidden of hiddenIn(lower, upper, merged)) {
    await pace();
    if (hidden && partAt(part, hidden.name) !== true) sign(next.at(hidden.name));
  }
}

/** Puts the kernel's sign for "deleted" at a path: links to one, as mknod(2) is not Node's. */
function whiteouts(seed: string): (at: Buffer) => void {
  let links = 0;
  return (at) => {
    if (links % MOST_LINKS === 0) {
      rmSync(seed, { force: true });
      execFileSync('mknod', [seed, 'c', '0', '0'], { env: { PATH: '/usr/bin:/bin' } });
    }
    links += 1;
    linkSync(seed, at);
  };
}

/** Ends what `takeOut` has begun: each step of it may have been done already. */
export async function finishRebuild(layer: Layer): Promise<void> {
  const { next, old, plan: planFile, sign } = paths(layer);
  const text = await ifThere(readFile(planFile, 'utf8'));
  if (text === null) {
    // Begun, and nothing taken away yet.
    for (const path of [next, sign, old]) await removeTree(path);
    return;
  }
  if (lstatSync(next, { throwIfNoEntry: false })) {
    const { moves, modes } = planSchema.parse(JSON.parse(text));
    using root = openFolder(next);
    root.chmod(0o700);
    for (const [path] of modes.toReversed()) setMode(root, path, 0o700);
    if (lstatSync(layer.upper, { throwIfNoEntry: false })) {
      await move(layer.upper, next, moves);
      await removeTree(old);
      await rename(layer.upper, old);
    }
    for (const [path, mode] of modes) setMode(root, path, mode);
    await rename(next, layer.upper);
  }
  await rm(planFile);
  await removeTree(old);
}

const stepsOf = (path: string) => {
  const bytes = toBytes(path);
  return bytes
    .toString('latin1')
    .split('/')
    .map((step) => Buffer.from(step, 'latin1'));
};

async function move(upper: string, next: string, moves: readonly string[]): Promise<void> {
  using from = openFolder(upper);
  using to = openFolder(next);
  const pace = createPace();
  for (const path of moves) {
    await pace();
    const steps = stepsOf(path);
    const name = steps.pop() ?? Buffer.alloc(0);
    using source = descend(from, steps);
    using target = descend(to, steps);
    if (source?.look(name) && target) renameSync(source.at(name), target.at(name));
  }
}

function setMode(root: Folder, path: string, mode: number): void {
  using folder = descend(root, stepsOf(path));
  folder?.chmod(mode);
}
