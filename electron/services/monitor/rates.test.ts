import { expect, test } from 'vitest';
import type { Counters } from '../../../shared/model/sample.ts';
import { derive } from './rates.ts';

const at = (seconds: number, change: Partial<Counters> = {}): Counters => ({
  at: seconds * 1000,
  cpuNs: null,
  memoryBytes: null,
  memoryLimitBytes: null,
  pids: null,
  diskReadBytes: null,
  diskWriteBytes: null,
  networkRxBytes: null,
  networkTxBytes: null,
  ...change,
});

test('one and a half seconds of CPU time in one second are 1.5 cores', () => {
  expect(derive(at(10, { cpuNs: 1e9 }), at(11, { cpuNs: 2.5e9 })).cpuCores).toBe(1.5);
});

test('bytes are divided by the seconds between the readings', () => {
  expect(derive(at(0, { networkRxBytes: 0 }), at(2, { networkRxBytes: 5000 })).networkRxBytesPerSecond).toBe(2500);
});

test('the first reading has levels but no rates', () => {
  expect(derive(undefined, at(1, { cpuNs: 5, memoryBytes: 7 }))).toMatchObject({ cpuCores: null, memoryBytes: 7 });
});

test('a counter that went back (a restart) gives a gap, not a negative rate', () => {
  expect(derive(at(1, { cpuNs: 9e9 }), at(2, { cpuNs: 1e9 })).cpuCores).toBeNull();
});

test('fuel is a rate, and not measured where nobody counts it', () => {
  expect(derive(at(0, { fuelConsumed: 1e6 }), at(2, { fuelConsumed: 9e6 })).fuelPerSecond).toBe(4e6);
  expect(derive(at(0), at(2))).toMatchObject({ fuelPerSecond: null, linearMemoryBytes: null });
});

test('what cannot be measured stays null', () => {
  expect(derive(at(1), at(2)).diskWriteBytesPerSecond).toBeNull();
});
