import { and, branch, encode, give, load, type Program } from './seccomp-bpf.ts';
import type {
  SeccompAction,
  SeccompArchitecture,
  SeccompCondition,
  SeccompProfile,
  SeccompRule,
  SyscallNumbers,
} from './seccomp-profile.ts';

/** AUDIT_ARCH_* of linux/audit.h. */
const audit = { x86_64: 0xc000_003e, aarch64: 0xc000_00b7 } as const;
/** Calls of the x32 ABI have this bit set: the same calls by other numbers, which rules would miss. */
const X32_BIT = 0x4000_0000;

/** Offsets in `struct seccomp_data`; arguments are 64-bit, their low half comes first. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argumentOffset = (index: number) => 16 + 8 * index;

const KILL_PROCESS = 0x8000_0000;
const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;
const errnos = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const satisfies Record<
  Exclude<SeccompAction, 'allow'>,
  number
>;
const outcome = (action: SeccompAction): number => (action === 'allow' ? ALLOW : ERRNO | errnos[action]);

/**
 * Compiles a profile to the bytes that `bwrap --seccomp` and seccomp(2) take. Another architecture
 * than the one compiled for is killed, as its numbers mean something else; x32 fails with ENOSYS.
 *
 * Throws when a rule names a system call that no supported architecture has: a rule that is misspelt
 * would else silently protect nothing.
 */
export function compileSeccomp(
  profile: SeccompProfile,
  architecture: SeccompArchitecture,
  tables: Readonly<Record<SeccompArchitecture, SyscallNumbers>>,
): Buffer {
  const known = new Set(Object.values(tables).flatMap((table) => Object.keys(table)));
  const misspelt = profile.rules.flatMap(({ syscalls }) => syscalls).find((name) => !known.has(name));
  if (misspelt !== undefined) throw new Error(`there is no system call ${misspelt}`);

  const tree = decide(stretches(profile, tables[architecture]));
  const byNumber: Program =
    architecture === 'x86_64' ? branch('jumpIfAtLeast', X32_BIT, give(outcome('ENOSYS')), tree) : tree;
  const filter = branch('jumpIfEqual', audit[architecture], [...load(NUMBER), ...byNumber], give(KILL_PROCESS));
  return encode([...load(ARCHITECTURE), ...filter]);
}

/** System calls from `first` up to the next stretch's first: all have the same fate. */
interface Stretch {
  readonly first: number;
  readonly program: Program;
}

function stretches(profile: SeccompProfile, numbers: SyscallNumbers): readonly Stretch[] {
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
  const last = Math.max(...names.keys());
  const found: Stretch[] = [];
  const add = (first: number, program: Program) => {
    const before = found.at(-1);
    if (before === undefined || JSON.stringify(before.program) !== JSON.stringify(program)) {
      found.push({ first, program });
    }
  };
  for (let number = 0; number <= last; number += 1) {
    const name = names.get(number);
    add(number, name === undefined ? give(outcome(profile.unknown)) : fateOf(name, profile));
  }
  add(last + 1, give(outcome(profile.unknown)));
  return found;
}

/** What becomes of one system call: its rules in order, then what holds for all. */
function fateOf(name: string, { rules, otherwise }: SeccompProfile): Program {
  return rules
    .filter(({ syscalls }) => syscalls.includes(name))
    .reduceRight<Program>((next, rule) => applyRule(rule, next), give(outcome(otherwise)));
}

function applyRule({ when = [], action }: SeccompRule, next: Program): Program {
  return when.reduceRight<Program>((then, condition) => check(condition, then, next), give(outcome(action)));
}

function check(condition: SeccompCondition, then: Program, otherwise: Program): Program {
  const argument = load(argumentOffset(condition.argument));
  if ('hasAnyBit' in condition) return [...argument, ...branch('jumpIfAnyBit', condition.hasAnyBit, then, otherwise)];
  if ('hasNoBit' in condition) return [...argument, ...branch('jumpIfAnyBit', condition.hasNoBit, otherwise, then)];
  const value = condition.mask === undefined ? argument : [...argument, ...and(condition.mask)];
  const [values, found, missed] =
    'isOneOf' in condition ? [condition.isOneOf, then, otherwise] : [condition.isNoneOf, otherwise, then];
  return [...value, ...values.reduceRight<Program>((rest, each) => branch('jumpIfEqual', each, found, rest), missed)];
}

/** Halves the stretches until one is left, so that every call is decided in a few steps. */
function decide(all: readonly Stretch[]): Program {
  const [only] = all;
  if (only === undefined) return [];
  if (all.length === 1) return only.program;
  const middle = all.length >> 1;
  const upper = all.slice(middle);
  return branch('jumpIfAtLeast', upper[0]?.first ?? 0, decide(upper), decide(all.slice(0, middle)));
}
