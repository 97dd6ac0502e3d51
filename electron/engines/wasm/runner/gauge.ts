import { readFileSync } from 'node:fs';
import type { Account, Job } from '../job.ts';
import { FUEL, meter, PAGE_BYTES, REFUSED } from '../metering/meter.ts';
import { createFixedWorld, realWorld, type World } from './world.ts';

/** More than can be burnt. */
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

/** Measures one instance and holds its limits. */
export interface Gauge {
  /** The real one, or one that is always the same where fuel is counted. */
  readonly world: World;
  /** Call before anything of the instance runs: it may burn what it likes until `begin`. It begins at the world's beginning. */
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

export function createGauge({ limits }: Pick<Job, 'limits'>): Gauge {
  const budget = limits.fuel === undefined ? null : BigInt(limits.fuel);
  let fuel: WebAssembly.Global | undefined;
  let refused: WebAssembly.Global | undefined;
  let refusals = 0;
  let memory: WebAssembly.Memory | undefined;
  /** What there was to burn. */
  let tank = FULL;
  const burnt = () => (fuel ? tank - fuelLeft(fuel) : 0n);
  const fixed = budget === null ? null : createFixedWorld(burnt);

  const fill = (amount: bigint) => {
    tank = amount;
    if (fuel) setValue.call(fuel, amount);
  };
  return {
    world: fixed?.world ?? realWorld,
    watch(exports, its) {
      memory = its;
      const { [FUEL]: counter, [REFUSED]: growth } = exports;
      fuel = counter as WebAssembly.Global | undefined;
      refused = growth as WebAssembly.Global | undefined;
      fill(FULL);
      fixed?.restart();
    },
    begin() {
      refusals = 0;
      if (refused) setValue.call(refused, 0);
      fill(budget ?? FULL);
      fixed?.begin();
    },
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
      if (tank !== budget) return 0;
      // What was left over is not spent: the last stretch of code may have cost more than there was.
      return Number(fuelLeft(fuel) < 0n ? budget : burnt());
    },
    memoryBytes: () => (memory ? bytesOf(memory) : 0),
  };
}

/** A job's module as it may run: with its limits in it. */
export const readModule = ({ module, metered, limits }: Job): Buffer<ArrayBuffer> =>
  metered === null ? withLimits(readFileSync(module), limits) : readFileSync(metered);

/** The same bytes where the limits ask for nothing. */
export function withLimits(bytes: Buffer<ArrayBuffer>, { fuel, memoryBytes }: Job['limits']): Buffer<ArrayBuffer> {
  if (fuel === undefined && memoryBytes === undefined) return bytes;
  const maxPages = memoryBytes === undefined ? undefined : Math.floor(memoryBytes / PAGE_BYTES);
  return Buffer.from(meter(bytes, { fuel: fuel !== undefined, maxPages }));
}
