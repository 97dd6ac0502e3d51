import { randomFillSync } from 'node:crypto';

/** What a guest learns that is not in its input. */
export interface World {
  /** Nanoseconds since 1970. */
  readonly time: () => bigint;
  /** Nanoseconds since some moment; never falls. */
  readonly uptime: () => bigint;
  readonly cpuTime: () => bigint;
  readonly fillRandomly: (bytes: Uint8Array) => void;
  /** Told when the guest has slept. */
  readonly slept: (ms: number) => void;
}

export const realWorld: World = {
  time: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
  uptime: () => process.hrtime.bigint(),
  cpuTime() {
    const { user, system } = process.cpuUsage();
    return BigInt(user + system) * 1000n;
  },
  fillRandomly: (bytes) => void randomFillSync(bytes),
  slept: () => undefined,
};

/** 2020-01-01T00:00:00Z */
const BEGINNING = 1_577_836_800n * 1_000_000_000n;

/** A fixed world, and where in it a guest begins. */
export interface FixedWorld {
  readonly world: World;
  /** Goes back to what was kept: the beginning, unless something else was. Call when fuel is full again. */
  readonly begin: () => void;
  readonly keep: () => void;
  /** Goes back to the beginning, and keeps that. */
  readonly restart: () => void;
}

/**
 * A world that is the same in every run, for guests whose instructions are counted: how many they are would
 * else depend on time and chance. An instruction takes a nanosecond, and random numbers are those of
 * splitmix32 from a fixed seed: nothing secret can be made of them.
 */
export function createFixedWorld(fuelConsumed: () => bigint): FixedWorld {
  /** `passedNs`: what the clock shows beside the fuel that was burnt. */
  const beginning = { state: 0, passedNs: 0n };
  let { state, passedNs } = beginning;
  let kept = beginning;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) & 0xff;
  };
  return {
    begin() {
      ({ state, passedNs } = kept);
    },
    restart() {
      kept = beginning;
      ({ state, passedNs } = kept);
    },
    keep() {
      kept = { state, passedNs: passedNs + fuelConsumed() };
    },
    world: {
      time: () => BEGINNING + passedNs + fuelConsumed(),
      uptime: () => passedNs + fuelConsumed(),
      cpuTime: fuelConsumed,
      fillRandomly(bytes) {
        for (let index = 0; index < bytes.length; index += 1) bytes[index] = next();
      },
      slept(ms) {
        passedNs += BigInt(Math.ceil(ms * 1_000_000));
      },
    },
  };
}
