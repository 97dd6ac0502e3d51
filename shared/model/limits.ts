import { z } from 'zod';

const KIB = 1024;
const MIB = 1024 * KIB;

/** The largest count of bytes, milliseconds or instructions that JSON carries exactly. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** What a sandbox may use. A missing key means that nothing was asked for. Units are in the names. */
export const limitsSchema = z.strictObject({
  /** Cores' worth of time per second: 0.5 is half of one core. */
  cpuCores: z.number().min(0.01, 'at least 0.01 cores').max(1024, 'at most 1024 cores').optional(),
  memoryBytes: z
    .int()
    .min(6 * MIB, 'at least 6 MiB (the least that container engines accept)')
    .max(LARGEST)
    .optional(),
  /** What the workspace and the sandbox's own folder take on this machine's disk. */
  diskBytes: z.int().min(MIB, 'at least 1 MiB').max(LARGEST).optional(),
  /** Processes and threads that may exist at once. */
  processes: z.int().min(1, 'at least 1').max(4_194_304, 'at most 4,194,304').optional(),
  openFiles: z.int().min(16, 'at least 16').max(1_048_576, 'at most 1,048,576').optional(),
  /** The largest size of one file that is written. */
  fileSizeBytes: z.int().min(KIB, 'at least 1 KiB').max(LARGEST).optional(),
  /** From start until the sandbox is stopped. */
  wallTimeMs: z.int().min(100, 'at least 100 ms').max(LARGEST).optional(),
  /** Without a console's input or an exec until the sandbox is stopped. */
  idleTimeMs: z.int().min(1000, 'at least 1 s').max(LARGEST).optional(),
  /** Of all its processes together, from each start. */
  cpuTimeMs: z.int().min(1000, 'at least 1 s').max(LARGEST).optional(),
  /**
   * What one command, or the main program from one start, writes to stdout and stderr together. A console is
   * not counted: it is stopped while nobody has drawn what it wrote, and keeps only the end.
   */
  outputBytes: z.int().min(KIB, 'at least 1 KiB').max(LARGEST).optional(),
  /** Instructions, for engines that count them. */
  fuel: z.int().min(1).max(LARGEST).optional(),
});

export type Limits = z.infer<typeof limitsSchema>;
export type LimitName = keyof Limits;
export const limitNames = Object.keys(limitsSchema.shape) as readonly LimitName[];

/** Held by Terrarium's host for every engine alike, by what the engine counts: not while no host runs. */
export const hostHeldLimits: ReadonlySet<LimitName> = new Set<LimitName>([
  'wallTimeMs',
  'idleTimeMs',
  'cpuTimeMs',
  'outputBytes',
  'diskBytes',
]);

/** What a limit is called in a sentence, e.g. "Stopped by its limit of run time". */
export const limitWords: Readonly<Record<LimitName, string>> = {
  cpuCores: 'CPU cores',
  memoryBytes: 'memory',
  diskBytes: 'disk space',
  processes: 'processes',
  openFiles: 'open files',
  fileSizeBytes: 'file size',
  wallTimeMs: 'run time',
  idleTimeMs: 'idle time',
  cpuTimeMs: 'CPU time',
  outputBytes: 'output',
  fuel: 'fuel',
};

/** An exit's `limit` is a name from an engine, perhaps a newer one. */
export function limitInWords(name: string): string {
  return Object.hasOwn(limitWords, name) ? limitWords[name as LimitName] : name;
}
