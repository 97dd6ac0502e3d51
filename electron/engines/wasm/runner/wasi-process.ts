import { guestError } from './guest-error.ts';
import { sleep } from './standard-streams.ts';
import { encode, errno, type MemoryView, SUCCESS } from './wasi-abi.ts';
import type { Descriptors } from './wasi-descriptors.ts';
import type { World } from './world.ts';

/** Thrown through the guest when it ends itself. */
export interface GuestExit extends Error {
  readonly exitCode: number;
}
export function isGuestExit(error: unknown): error is GuestExit {
  return error instanceof Error && 'exitCode' in error;
}

const clocks = { realtime: 0, monotonic: 1, processCpu: 2, threadCpu: 3 } as const;
const subscription = { clock: 0, read: 1, write: 2 } as const;
const ABSOLUTE = 1;
const NS_PER_MS = 1_000_000n;

function now({ time, uptime, cpuTime }: World, clock: number): bigint {
  if (clock === clocks.realtime) return time();
  if (clock === clocks.monotonic) return uptime();
  if (clock !== clocks.processCpu && clock !== clocks.threadCpu) throw guestError('EINVAL');
  return cpuTime();
}

/** The calls about the guest itself: its arguments, time, chance, its end. */
export function createProcessCalls(
  options: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>>; readonly world: World },
  fds: Descriptors,
  memory: MemoryView,
) {
  const { world } = options;
  const terminated = (text: string) => encode(`${text}\0`);
  const args = options.argv.map(terminated);
  const environment = Object.entries(options.env).map(([name, value]) => terminated(`${name}=${value}`));
  const sizes = (list: readonly Uint8Array[], count: number, bytes: number) => {
    memory.setU32(count, list.length);
    memory.setU32(
      bytes,
      list.reduce((sum, { length }) => sum + length, 0),
    );
  };
  const copy = (list: readonly Uint8Array[], pointers: number, buffer: number) => {
    let at = buffer;
    for (const [index, each] of list.entries()) {
      memory.setU32(pointers + index * 4, at);
      memory.bytes(at, each.length).set(each);
      at += each.length;
    }
  };

  /** Nothing that a guest has open is one. */
  const noSockets = (fd: number) => {
    fds.get(fd);
    throw guestError('ENOTSOCK');
  };
  return {
    args_sizes_get: (count: number, bytes: number) => sizes(args, count, bytes),
    args_get: (pointers: number, buffer: number) => copy(args, pointers, buffer),
    environ_sizes_get: (count: number, bytes: number) => sizes(environment, count, bytes),
    environ_get: (pointers: number, buffer: number) => copy(environment, pointers, buffer),
    clock_res_get(clock: number, out: number) {
      now(world, clock);
      memory.setU64(out, 1000n);
    },
    clock_time_get: (clock: number, _precision: bigint, out: number) => memory.setU64(out, now(world, clock)),
    random_get: (pointer: number, length: number) => world.fillRandomly(memory.bytes(pointer, length)),
    sched_yield: () => undefined,
    proc_exit(code: number): never {
      throw Object.assign(new Error(`exit ${code}`), { exitCode: code >>> 0 });
    },
    proc_raise() {
      throw guestError('ENOSYS');
    },
    /** Waits for the earliest clock; a stream is always ready, as reading and writing wait by themselves. */
    poll_oneoff(input: number, output: number, count: number, out: number) {
      if (count === 0) throw guestError('EINVAL');
      const view = memory.view();
      const events: { readonly user: bigint; readonly type: number; readonly error: number }[] = [];
      const timers: { readonly user: bigint; readonly delay: bigint }[] = [];
      for (let index = 0; index < count; index += 1) {
        const at = input + index * 48;
        const user = view.getBigUint64(at, true);
        const type = view.getUint8(at + 8);
        if (type === subscription.clock) {
          const clock = view.getUint32(at + 16, true);
          const timeout = view.getBigUint64(at + 24, true);
          const isAbsolute = (view.getUint16(at + 40, true) & ABSOLUTE) !== 0;
          const delay = isAbsolute ? timeout - now(world, clock) : timeout;
          timers.push({ user, delay: delay > 0n ? delay : 0n });
          continue;
        }
        let error = SUCCESS;
        try {
          fds.get(view.getUint32(at + 16, true));
        } catch {
          error = errno('EBADF');
        }
        events.push({ user, type, error });
      }
      if (events.length === 0) {
        const shortest = timers.reduce((least, { delay }) => (delay < least ? delay : least), timers[0]?.delay ?? 0n);
        const ms = Number(shortest) / Number(NS_PER_MS);
        sleep(ms);
        world.slept(ms);
        for (const { user, delay } of timers) {
          if (delay <= shortest) events.push({ user, type: subscription.clock, error: SUCCESS });
        }
      }
      const target = memory.view();
      for (const [index, { user, type, error }] of events.entries()) {
        const at = output + index * 32;
        memory.bytes(at, 32).fill(0);
        target.setBigUint64(at, user, true);
        target.setUint16(at + 8, error, true);
        target.setUint8(at + 10, type);
        if (type === subscription.read) target.setBigUint64(at + 16, 1n, true);
      }
      memory.setU32(out, events.length);
    },
    sock_accept: noSockets,
    sock_recv: noSockets,
    sock_send: noSockets,
    sock_shutdown: noSockets,
  };
}
