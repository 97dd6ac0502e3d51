import type { Account, Job } from '../job.ts';
import { FUEL, meter, PAGE_BYTES, REFUSED } from '../metering/meter.ts';
import { createFixedWorld, realWorld, type World } from './world.ts';

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

/** Measures one instance and holds its limits. */
export interface Gauge {
  /** The real one, or one that is always the same where fuel is counted. */
  readonly world: World;
  /** The module as it may run: with its limits in it. */
  readonly prepare: (bytes: Uint8Array) => Uint8Array;
  /** Call before anything of the instance runs. Another one than before begins at the world's beginning. */
  readonly watch: (exports: WebAssembly.Exports, memory: WebAssembly.Memory) => void;
  /** From here on it is the guest that burns fuel, and not its interpreter's start. */
  readonly begin: () => void;
  /** What is now, in the fixed world, is what every later `begin` goes back to. */
  readonly keepWorld: () => void;
  /** Growth was refused outside of the module. */
  readonly refuse: () => void;
  /** Whether a limit was hit, whatever the guest made of it. */
  readonly limitHit: () => Account['limit'];
  /** Since `begin`. Null: it is not counted. */
  readonly fuelConsumed: () => number | null;
  readonly memoryBytes: () => number;
}

/** `isMetered`: the module that is given to `prepare` has its limits in it already. */
export function createGauge({ limits, isMetered }: Pick<Job, 'limits' | 'isMetered'>): Gauge {
  const budget = limits.fuel === undefined ? null : BigInt(limits.fuel);
  let fuel: WebAssembly.Global | undefined;
  let refused: WebAssembly.Global | undefined;
  let refusals = 0;
  let memory: WebAssembly.Memory | undefined;
  const fixed = budget === null ? null : createFixedWorld(() => (fuel ? budget - fuelLeft(fuel) : 0n));

  const begin = () => {
    refusals = 0;
    if (refused) setValue.call(refused, 0);
    if (fuel && budget !== null) setValue.call(fuel, budget);
    fixed?.begin();
  };
  return {
    world: fixed?.world ?? realWorld,
    prepare: (bytes) => (isMetered ? bytes : withLimits(bytes, limits)),
    watch(exports, its) {
      memory = its;
      const { [FUEL]: counter, [REFUSED]: growth } = exports;
      fuel = counter as WebAssembly.Global | undefined;
      refused = growth as WebAssembly.Global | undefined;
      fixed?.restart();
      begin();
    },
    begin,
    keepWorld: () => fixed?.keep(),
    refuse() {
      refusals += 1;
    },
    limitHit() {
      if (fuel && fuelLeft(fuel) < 0n) return 'fuel';
      return refusals > 0 || (refused && Number(getValue.call(refused)) > 0) ? 'memoryBytes' : null;
    },
    fuelConsumed() {
      if (budget === null || !fuel) return null;
      const left = fuelLeft(fuel);
      // What was left over is not spent: the last stretch of code may have cost more than there was.
      return Number(left < 0n ? budget : budget - left);
    },
    memoryBytes: () => (memory ? bytesOf(memory) : 0),
  };
}

/** A module that counts and is bounded as these limits ask; the same bytes where they ask for nothing. */
export function withLimits(bytes: Uint8Array, { fuel, memoryBytes }: Job['limits']): Uint8Array {
  if (fuel === undefined && memoryBytes === undefined) return bytes;
  const maxPages = memoryBytes === undefined ? undefined : Math.floor(memoryBytes / PAGE_BYTES);
  return meter(bytes, { fuel: fuel !== undefined, maxPages });
}
