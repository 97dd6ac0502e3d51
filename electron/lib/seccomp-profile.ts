import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The architectures that filters are made for, by the name of Node's `process.arch`. */
export const seccompArchitectures = { x64: 'x86_64', arm64: 'aarch64' } as const;
export type SeccompArchitecture = (typeof seccompArchitectures)[keyof typeof seccompArchitectures];

/** `allow`, or the errno that the system call fails with. */
const action = z.enum(['allow', 'EPERM', 'ENOSYS', 'EAFNOSUPPORT']);
export type SeccompAction = z.infer<typeof action>;

const word = z.int().min(0).max(0xffff_ffff);
const index = z.int().min(0).max(5);

/**
 * Compared are the low 32 bits of an argument. That is all that the kernel itself looks at where an
 * argument is an `int` (a socket's family, an ioctl's number): a filter that compared all 64 would be
 * passed by a bit set above them. Flags of 64 bits are only ever looked at in their low half.
 */
const conditionSchema = z.union([
  z.strictObject({ argument: index, mask: word.optional(), isOneOf: z.array(word).min(1) }),
  z.strictObject({ argument: index, mask: word.optional(), isNoneOf: z.array(word).min(1) }),
  z.strictObject({ argument: index, hasAnyBit: word }),
  z.strictObject({ argument: index, hasNoBit: word }),
]);
export type SeccompCondition = z.infer<typeof conditionSchema>;

const ruleSchema = z.strictObject({
  why: z.string(),
  syscalls: z.array(z.string()).min(1),
  /** All must hold. */
  when: z.array(conditionSchema).optional(),
  action,
});
export type SeccompRule = z.infer<typeof ruleSchema>;

export const seccompProfileSchema = z.strictObject({
  description: z.string(),
  /** What happens to system calls that no rule is about. */
  otherwise: action,
  /** What happens to those that are newer than this program. */
  unknown: action,
  /** The first one that fits decides. */
  rules: z.array(ruleSchema),
});
export type SeccompProfile = z.infer<typeof seccompProfileSchema>;

const table = z.record(z.string(), z.int().min(0));
const syscallsSchema = z.strictObject({ x86_64: table, aarch64: table });
export type SyscallNumbers = Readonly<Record<string, number>>;

export const seccompProfileNames = ['trusted', 'default', 'strict'] as const;
export type SeccompProfileName = (typeof seccompProfileNames)[number];

/** Both from the sources and from the desktop's bundle the folder is two levels up. */
const folder = join(import.meta.dirname, '../../resources/seccomp');
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));

export const readSeccompProfile = (name: SeccompProfileName): SeccompProfile => seccompProfileSchema.parse(read(name));

/** Numbers of system calls by their names, from the kernel's own headers. */
export const readSyscallNumbers = (architecture: SeccompArchitecture): SyscallNumbers =>
  syscallsSchema.parse(read('syscalls'))[architecture];
