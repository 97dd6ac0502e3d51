import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Cgroup } from '../../lib/cgroup.ts';
import { ifThere } from '../../lib/if-there.ts';
import { isAlive, readProc } from '../../lib/proc-linux.ts';
import type { SandboxPlace } from '../local/launcher.ts';

const processSchema = z.object({ pid: z.int(), startTime: z.number() });

/** What must be known of a running sandbox to join it. */
const boxSchema = z.object({
  /** PID 1 of the sandbox: it has all of its namespaces. */
  first: processSchema,
  /** bwrap, in the user namespace outside of the sandbox's. */
  monitor: processSchema,
});
export type Box = z.infer<typeof boxSchema>;

const cgroupSchema = z.union([
  z.object({ version: z.literal(2), folder: z.string() }),
  z.object({
    version: z.literal(1),
    folders: z.record(z.string(), z.string()).transform((record) => new Map(Object.entries(record))),
  }),
]);

export interface BoxPaths {
  readonly folder: string;
  /** bwrap writes there which process is PID 1. */
  readonly info: string;
  /** PID 1 writes there. */
  readonly ready: string;
  /** PID 1 waits there. */
  readonly gate: string;
  readonly filter: string;
  readonly identity: string;
  readonly box: string;
  readonly cgroup: string;
  readonly script: (part: number) => string;
}

/** Where this engine keeps what it needs of one sandbox: beside its workspace, never shown inside. */
export function boxPaths({ paths: { directory } }: SandboxPlace): BoxPaths {
  const folder = join(directory, 'box');
  const file = (name: string) => join(folder, name);
  return {
    folder,
    info: file('info.json'),
    ready: file('ready'),
    gate: file('gate'),
    filter: file('filter.bpf'),
    identity: file('etc'),
    box: file('box.json'),
    cgroup: file('cgroup.json'),
    script: (part) => file(`program-${part}.sh`),
  };
}

/** Empties the folder for a new start. */
export async function prepareBox({ folder, identity, info, ready }: BoxPaths): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(identity, { recursive: true, mode: 0o700 });
  await writeFile(info, '', { mode: 0o600 });
  await writeFile(ready, '', { mode: 0o600 });
}

export const writeBox = (paths: BoxPaths, box: Box): Promise<void> => writeWhole(paths.box, JSON.stringify(box));

/** A reader sees all of it or nothing. It is not forced to the disk: nothing that it tells of survives the machine's next start. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

/** Null when it does not run (any more). */
export async function readBox(paths: BoxPaths): Promise<Box | null> {
  const text = await ifThere(readFile(paths.box, 'utf8'));
  if (text === null) return null;
  const box = boxSchema.parse(JSON.parse(text));
  return [box.first, box.monitor].every(({ pid, startTime }) => isAlive(pid, startTime)) ? box : null;
}

/** Before anything is in it: whatever happens then, it is found and removed. */
export async function writeCgroup(paths: BoxPaths, cgroup: Cgroup): Promise<void> {
  const plain = cgroup.version === 1 ? { ...cgroup, folders: Object.fromEntries(cgroup.folders) } : cgroup;
  await writeWhole(paths.cgroup, JSON.stringify(plain));
}

export async function readCgroup(paths: BoxPaths): Promise<Cgroup | null> {
  const text = await ifThere(readFile(paths.cgroup, 'utf8'));
  return text === null ? null : cgroupSchema.parse(JSON.parse(text));
}

/** What bwrap told, and who its parents are; null while it has not told. */
export async function findBox(paths: BoxPaths): Promise<Box | null> {
  const pid = /"child-pid":\s*(\d+)/.exec(await readFile(paths.info, 'utf8'))?.[1];
  if (pid === undefined) return null;
  const first = readProc(Number(pid));
  const monitor = first && readProc(first.ppid);
  if (!first || !monitor) return null;
  const named = ({ pid, startTime }: { readonly pid: number; readonly startTime: number }) => ({ pid, startTime });
  return { first: named(first), monitor: named(monitor) };
}
