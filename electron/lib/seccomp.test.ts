import { describe, expect, it } from 'vitest';
import { compileSeccomp } from './seccomp.ts';
import { opcodes } from './seccomp-bpf.ts';
import {
  readSeccompProfile,
  readSyscallNumbers,
  type SeccompArchitecture,
  type SeccompProfile,
  type SeccompProfileName,
  seccompProfileNames,
} from './seccomp-profile.ts';

const tables = { x86_64: readSyscallNumbers('x86_64'), aarch64: readSyscallNumbers('aarch64') };
const architectures = ['x86_64', 'aarch64'] as const;
const audit = { x86_64: 0xc000_003e, aarch64: 0xc000_00b7 };
const ALLOW = 'allow';
const KILL = 'kill';
const errnoNames = new Map([
  [1, 'EPERM'],
  [38, 'ENOSYS'],
  [97, 'EAFNOSUPPORT'],
]);

interface Call {
  readonly architecture: number;
  readonly number: number;
  readonly arguments?: readonly bigint[];
}

/** Runs a filter as the kernel would (Documentation/networking/filter.rst), and names what it returns. */
function interpret(bytes: Buffer, { architecture, number, arguments: args = [] }: Call): string {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(architecture, 4);
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(value, 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; at < bytes.length / 8; at += 1) {
    const code = bytes.readUInt16LE(at * 8);
    const jump = (holds: boolean) => bytes.readUInt8(at * 8 + (holds ? 2 : 3));
    const k = bytes.readUInt32LE(at * 8 + 4);
    if (code === opcodes.load) accumulator = data.readUInt32LE(k);
    else if (code === opcodes.and) accumulator = (accumulator & k) >>> 0;
    else if (code === opcodes.jump) at += k;
    else if (code === opcodes.jumpIfEqual) at += jump(accumulator === k);
    else if (code === opcodes.jumpIfAtLeast) at += jump(accumulator >= k);
    else if (code === opcodes.jumpIfAnyBit) at += jump((accumulator & k) !== 0);
    else if (code === opcodes.return) {
      if (k === 0x7fff_0000) return ALLOW;
      return k === 0x8000_0000 ? KILL : (errnoNames.get(k & 0xffff) ?? `errno ${k & 0xffff}`);
    } else throw new Error(`unknown opcode ${code}`);
  }
  throw new Error('the filter ran past its end');
}

function caller(profile: SeccompProfile, architecture: SeccompArchitecture = 'x86_64') {
  const filter = compileSeccomp(profile, architecture, tables);
  return (name: string, ...args: readonly (number | bigint)[]) =>
    interpret(filter, {
      architecture: audit[architecture],
      number: tables[architecture][name] ?? Number.NaN,
      arguments: args.map(BigInt),
    });
}

describe.each(seccompProfileNames)('the profile %s', (name) => {
  const profile = readSeccompProfile(name);

  it.each(architectures)('compiles for %s and refuses the numbers of others', (architecture) => {
    const filter = compileSeccomp(profile, architecture, tables);
    const read = tables[architecture].read ?? 0;
    expect(interpret(filter, { architecture: audit[architecture], number: read })).toBe(ALLOW);
    for (const other of [0x4000_0003, 0x4000_0028, audit[architecture === 'x86_64' ? 'aarch64' : 'x86_64']]) {
      expect(interpret(filter, { architecture: other, number: read })).toBe(KILL);
    }
  });

  it('refuses x32, and what is newer than itself as if the kernel did not have it', () => {
    const filter = compileSeccomp(profile, 'x86_64', tables);
    const call = (number: number) => interpret(filter, { architecture: audit.x86_64, number });
    expect(call(0x4000_0000 + (tables.x86_64.read ?? 0))).toBe('ENOSYS');
    expect([call(470), call(5000), call(0xffff_ffff)]).toEqual(['ENOSYS', 'ENOSYS', 'ENOSYS']);
  });

  it.each(architectures)('does to every system call of %s what its rules say', (architecture) => {
    const call = caller(profile, architecture);
    const conditional = new Set(profile.rules.flatMap(({ when, syscalls }) => (when ? syscalls : [])));
    const wrong = Object.keys(tables[architecture])
      .filter((syscall) => !conditional.has(syscall))
      .filter((syscall) => {
        const rule = profile.rules.find(({ syscalls }) => syscalls.includes(syscall));
        return call(syscall, 1, 2, 3) !== (rule?.action ?? profile.otherwise);
      });
    expect(wrong).toEqual([]);
  });

  it('keeps programs from typing into other programs’ terminals, also with bits above an int', () => {
    const call = caller(profile);
    expect(call('ioctl', 0, 0x5401)).toBe(ALLOW);
    expect(call('ioctl', 0, 0x5412)).toBe('EPERM');
    expect(call('ioctl', 0, 0x7_0000_5412n)).toBe('EPERM');
    expect(call('ioctl', 0, 0x541c)).toBe('EPERM');
  });

  it('leaves no way to the kernel’s keyrings', () => {
    const call = caller(profile);
    expect(['keyctl', 'add_key', 'request_key'].map((each) => call(each))).toEqual(['EPERM', 'EPERM', 'EPERM']);
  });
});

describe.each(['default', 'strict'] satisfies SeccompProfileName[])('arguments in the profile %s', (name) => {
  const call = caller(readSeccompProfile(name));

  it.each([
    ['a fork', 17, ALLOW],
    ['a thread', 0x3d_0f00, ALLOW],
    ['a user namespace', 0x1000_0011, 'EPERM'],
    ['a mount namespace', 0x0002_0011, 'EPERM'],
    ['a network namespace, and a bit above', 0x1_4000_0011, 'EPERM'],
  ])('clone for %s', (_what, flags, expected) => expect(call('clone', flags)).toBe(expected));

  it('makes libraries fall back from clone3', () => expect(call('clone3')).toBe('ENOSYS'));

  it.each([
    ['a Unix socket', 1, 1, ALLOW],
    ['TCP', 2, 1, ALLOW],
    ['UDP over IPv6', 10, 0x8_0802, ALLOW],
    ['a raw socket', 2, 3, 'EPERM'],
    ['a raw socket with flags', 10, 0x8_0803, 'EPERM'],
    ['a packet socket', 17, 3, 'EAFNOSUPPORT'],
    ['a packet socket with a bit above', 0x1_0000_0011, 3, 'EAFNOSUPPORT'],
    ['vsock', 40, 1, 'EAFNOSUPPORT'],
    ['the kernel’s crypto', 38, 5, 'EAFNOSUPPORT'],
    ['netlink', 16, 3, name === 'strict' ? 'EAFNOSUPPORT' : ALLOW],
  ])('socket for %s', (_what, family, type, expected) => expect(call('socket', family, type)).toBe(expected));

  it('lets a program ask for its personality, and not switch off randomisation', () => {
    expect(call('personality', 0xffff_ffff)).toBe(ALLOW);
    expect(call('personality', 0)).toBe(ALLOW);
    expect(call('personality', 0x004_0000)).toBe('EPERM');
  });
});

it('allows nothing in strict that default denies', () => {
  const strict = caller(readSeccompProfile('strict'));
  const standard = caller(readSeccompProfile('default'));
  const wider = Object.keys(tables.x86_64).filter((each) => strict(each) === ALLOW && standard(each) !== ALLOW);
  expect(wider).toEqual([]);
});

it('refuses a rule about a system call that does not exist', () => {
  const rules = [{ why: 'a slip', syscalls: ['mountt'], action: 'EPERM' as const }];
  const profile: SeccompProfile = { description: '', otherwise: 'allow', unknown: 'ENOSYS', rules };
  expect(() => compileSeccomp(profile, 'x86_64', tables)).toThrow('mountt');
});

it('reaches over more than 255 instructions', () => {
  const values = Array.from({ length: 300 }, (_, index) => 1000 + index);
  const rules = [{ why: '', syscalls: ['ioctl'], when: [{ argument: 1, isOneOf: values }], action: 'EPERM' as const }];
  const call = caller({ description: '', otherwise: 'allow', unknown: 'ENOSYS', rules });
  expect([call('ioctl', 0, 999), call('ioctl', 0, 1000), call('ioctl', 0, 1299), call('ioctl', 0, 1300)]).toEqual([
    ALLOW,
    'EPERM',
    'EPERM',
    ALLOW,
  ]);
  expect(call('write')).toBe(ALLOW);
});
