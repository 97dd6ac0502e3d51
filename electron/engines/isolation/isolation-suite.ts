import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Profile } from '../../../shared/model/spec.ts';
import { readSyscallNumbers, seccompArchitectures } from '../../lib/seccomp-profile.ts';
import type { EngineObject } from '../engine.ts';
import { describeUnless } from '../engine-contract/describe-unless.ts';
import { createFixture, type Fixture, run, sh } from '../engine-contract/fixture.ts';
import type { EngineHarness } from '../engine-contract.ts';
import type { SyscallAttempt } from './attempt.ts';
import { attempts } from './attempts.ts';
import { syscallAttempts } from './syscall-attempts.ts';
import { createVictims, type Victims } from './victims.ts';

export interface IsolationOptions {
  readonly profiles: readonly Profile[];
  /** Names of attempts (or system calls) that this engine does not keep from happening, each with why. */
  readonly exceptions?: Readonly<Record<string, string>>;
  /** Programs that the sandbox's system has, beside a shell. */
  readonly programs: readonly string[];
  /** System calls end in a kernel of its own: which of them that answers says nothing of this machine's kernel. */
  readonly ownKernel?: true;
}

/** What gVisor's kernel grants, and what nothing of this machine is won by. */
export const gvisorGrants = {
  'reads the kernel’s log': 'it is a made-up one, of gVisor’s own kernel',
  'runs without a filter': 'the filter is around gVisor’s kernel, and is not seen from inside',
  'escapes when memory runs out': 'it is a number in gVisor’s own kernel; this machine’s knows nothing of it',
} as const;

/** What a refused system call says; anything else means that it was there for the asking. */
const REFUSALS = new Map([
  [1, 'EPERM'],
  [38, 'ENOSYS'],
  [97, 'EAFNOSUPPORT'],
]);

/**
 * Tries to get out of sandboxes of an engine in each way that is known, and expects of each what its
 * profile promises. Call it with `await` at the top of a test file.
 */
export async function describeIsolation(
  name: string,
  harness: EngineHarness,
  options: IsolationOptions,
): Promise<void> {
  const reason = await harness.available();
  if (reason !== null) {
    describeUnless(reason, `${name} isolation`, () => undefined);
    return;
  }
  const home = await mkdtemp(join(tmpdir(), 'terrarium-isolation-'));
  const fixture = await createFixture(harness, home);
  describe(`${name} isolation`, () => {
    let victims: Victims;
    beforeAll(async () => {
      victims = await createVictims(home);
    });
    afterAll(async () => {
      await victims.dispose();
      await fixture.dispose();
      await rm(home, { recursive: true, force: true });
    });
    for (const profile of options.profiles) {
      describe(`in the profile ${profile}`, () => cases(fixture, profile, options, () => victims));
    }
  });
}

function cases(
  fixture: Fixture,
  profile: Profile,
  { exceptions = {}, programs, ownKernel }: IsolationOptions,
  victims: () => Victims,
): void {
  const { engine } = fixture;
  let sandbox: EngineObject;
  beforeAll(async () => {
    sandbox = await fixture.running({ profile });
  });
  afterAll(() => fixture.clear());
  const isPromised = (key: string, openIn: readonly Profile[] = []) =>
    !openIn.includes(profile) && exceptions[key] === undefined;

  const tried = attempts.filter(({ name, needs = [], openIn }) => {
    return isPromised(name, openIn) && needs.every((program) => programs.includes(program));
  });
  it.each(tried)('$name: fails', async ({ script }) => {
    const { env, harmed } = victims();
    const { exit, stdout } = await run(engine, sandbox.ref, sh(`${script}`), { env });
    expect({ code: exit.code, stdout: stdout.toString() }).not.toMatchObject({ code: 0 });
    expect(harmed()).toEqual([]);
    expect((await engine.inspect(sandbox.ref)).state).toBe('running');
  });

  const calls = syscallAttempts.filter((call) => isPromised(titleOf(call), call.openIn));
  if (!programs.includes('perl') || ownKernel) return;
  const answers = new Map<string, string>();
  beforeAll(async () => {
    const { stdout } = await run(engine, sandbox.ref, ['perl', '-e', callAll(syscallAttempts)]);
    for (const line of stdout.toString().trim().split('\n')) {
      const [title = '', errno = ''] = line.split('\t');
      answers.set(title, REFUSALS.get(Number(errno)) ?? `errno ${errno}`);
    }
  });
  it.each(calls.map((call) => ({ title: titleOf(call) })))('the system call $title is refused', ({ title }) => {
    expect([...REFUSALS.values()]).toContain(answers.get(title));
  });
}

const titleOf = ({ syscall, how }: SyscallAttempt) => (how === undefined ? syscall : `${syscall} (${how})`);

/** A Perl program that makes every call and prints its errno, 0 where it went well. */
function callAll(calls: readonly SyscallAttempt[]): string {
  const architecture = Object.entries(seccompArchitectures).find(([name]) => name === process.arch)?.[1] ?? 'x86_64';
  const numbers = readSyscallNumbers(architecture);
  const lines = calls.flatMap((call) => {
    const number = numbers[call.syscall];
    // It does not exist on this architecture: that is refusal enough.
    if (number === undefined) return [`print "${titleOf(call)}\\t38\\n";`];
    const made = `syscall(${[number, ...call.with].join(', ')})`;
    // A clone that succeeds comes back twice.
    return [
      `$! = 0; $r = ${made}; exit 0 if $r == 0 && ${number} == ${numbers.clone}; print "${titleOf(call)}\\t" . ($r < 0 ? $! + 0 : 0) . "\\n";`,
    ];
  });
  return ['$| = 1;', ...lines].join('\n');
}
