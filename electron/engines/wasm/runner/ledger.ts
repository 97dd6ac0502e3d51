import { openSync, writeSync } from 'node:fs';
import type { Account, Job } from '../job.ts';
import { FUEL, meter, PAGE_BYTES, REFUSED } from '../metering/meter.ts';
import { writeText } from './standard-streams.ts';
import { isGuestExit } from './wasi-process.ts';
import { fixedWorld, realWorld, type World } from './world.ts';

/** Wide enough for every account, so that a shorter one does not leave something of a longer one behind. */
const RECORD_BYTES = 256;
const EVERY_MS = 250;
/** What a shell says of a program that aborted: 128 and the signal ABRT. */
const ABORTED = 134;
/** Fuel counts down from here where nothing was asked for. */
const FULL = 2n ** 63n - 1n;

// Of this realm: a guest in another one could have changed its own.
const { get: getValue, set: setValue } = accessors(WebAssembly.Global.prototype, 'value');
const { get: bufferOf } = accessors(WebAssembly.Memory.prototype, 'buffer');
const fuelLeft = (global: WebAssembly.Global): bigint => BigInt(getValue.call(global));
const bytesOf = (memory: WebAssembly.Memory): number => (bufferOf.call(memory) as ArrayBuffer).byteLength;

function accessors(prototype: object, name: string) {
  const { get, set } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  if (!get) throw new TypeError(`WebAssembly has no ${name}`);
  return { get, set: set ?? (() => undefined) };
}

export interface Ledger {
  /** The real one, or one that is always the same where fuel is counted. */
  readonly world: World;
  /** The module as it may run: with its limits in it. */
  readonly prepare: (bytes: Uint8Array) => Uint8Array;
  /** Call before anything of the instance runs. */
  readonly watch: (exports: WebAssembly.Exports, memory: WebAssembly.Memory) => void;
  /** From here on it is the guest that burns fuel, and not its interpreter's start. */
  readonly begin: () => void;
  /** Growth was refused outside of the module. */
  readonly refuse: () => void;
  /** Notes what was used, now and then. */
  readonly note: () => void;
  /** Whether a limit was hit, whatever the guest made of it. */
  readonly limitHit: () => Account['limit'];
  /** The code to end with: what the guest said, or why it could not go on. Writes the account. */
  readonly close: (ended: { readonly code: number } | { readonly error: unknown }) => number;
}

/** Holds the limits of one guest and tells what it used. */
export function createLedger({ limits, account }: Pick<Job, 'limits' | 'account'>): Ledger {
  const fd = openSync(account, 'w', 0o600);
  const budget = limits.fuel === undefined ? null : BigInt(limits.fuel);
  let fuel: WebAssembly.Global | undefined;
  let refused: WebAssembly.Global | undefined;
  let refusals = 0;
  let memory: WebAssembly.Memory | undefined;
  let noted = 0;

  const write = (limit: Account['limit']) => {
    const left = fuel ? fuelLeft(fuel) : FULL;
    const record: Account = {
      // What was left over is not spent: the last stretch of code may have cost more than there was.
      fuelConsumed: budget === null || !fuel ? null : Number(left < 0n ? budget : budget - left),
      memoryBytes: memory ? bytesOf(memory) : 0,
      limit,
    };
    writeSync(fd, JSON.stringify(record).padEnd(RECORD_BYTES), 0);
  };
  const limitHit = () => {
    if (fuel && fuelLeft(fuel) < 0n) return 'fuel';
    return refusals > 0 || (refused && Number(getValue.call(refused)) > 0) ? 'memoryBytes' : null;
  };

  return {
    world: budget === null ? realWorld : fixedWorld(() => (fuel ? budget - fuelLeft(fuel) : 0n)),
    prepare(bytes) {
      if (limits.fuel === undefined && limits.memoryBytes === undefined) return bytes;
      const maxPages = limits.memoryBytes === undefined ? undefined : Math.floor(limits.memoryBytes / PAGE_BYTES);
      return meter(bytes, { fuel: limits.fuel !== undefined, maxPages });
    },
    watch(exports, its) {
      memory = its;
      const { [FUEL]: counter, [REFUSED]: growth } = exports;
      if (counter === undefined || growth === undefined) return;
      fuel = counter as WebAssembly.Global;
      refused = growth as WebAssembly.Global;
      this.begin();
    },
    begin() {
      if (fuel && budget !== null) setValue.call(fuel, budget);
    },
    refuse() {
      refusals += 1;
    },
    note() {
      const now = performance.now();
      if (now - noted < EVERY_MS) return;
      noted = now;
      write(null);
    },
    limitHit,
    close(ended) {
      const code = 'code' in ended ? ended.code : isGuestExit(ended.error) ? ended.error.exitCode : ABORTED;
      const limit = code === 0 ? null : limitHit();
      if (code === ABORTED && 'error' in ended) writeText(2, `terrarium: ${explain(limit, ended.error)}\n`);
      write(limit);
      return code;
    },
  };
}

function explain(limit: Account['limit'], error: unknown): string {
  if (limit === 'fuel') return 'stopped, because it has used up its fuel';
  const why = error instanceof Error ? error.message : String(error);
  return limit === 'memoryBytes' ? `out of memory (${why})` : why;
}
