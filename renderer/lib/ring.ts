import type { SamplePoint } from '../../shared/model/sample.ts';

/** The columns of a ring, in the order in which they are stored. */
export const columns = [
  'at',
  'cpuCores',
  'memoryBytes',
  'memoryLimitBytes',
  'pids',
  'diskReadBytesPerSecond',
  'diskWriteBytesPerSecond',
  'networkRxBytesPerSecond',
  'networkTxBytesPerSecond',
  'fuelPerSecond',
  'linearMemoryBytes',
] as const satisfies readonly (keyof SamplePoint)[];
export type Column = (typeof columns)[number];
export type Metric = Exclude<Column, 'at'>;

/** The newest points of one sandbox, column by column. NaN stands for null. */
export interface Ring {
  readonly size: () => number;
  readonly push: (point: SamplePoint) => void;
  /** The `index`-th oldest value. */
  readonly at: (column: Column, index: number) => number;
  /** The newest value, or NaN. */
  readonly last: (column: Column) => number;
  readonly clear: () => void;
}

export function createRing(capacity: number): Ring {
  const initial = Math.min(capacity, 64);
  let length = initial;
  const data = new Map(columns.map((column) => [column, new Float64Array(initial)]));
  let count = 0;
  let start = 0;

  function column(name: Column): Float64Array {
    const values = data.get(name);
    if (!values) throw new Error(`no column ${name}`);
    return values;
  }

  function grow(): void {
    length = Math.min(capacity, length * 2);
    for (const name of columns) {
      const larger = new Float64Array(length);
      larger.set(column(name));
      data.set(name, larger);
    }
  }

  return {
    size: () => count,
    push: (point) => {
      // Grows only while nothing was overwritten yet, so the start is still 0.
      if (count === length && length < capacity) grow();
      const slot = (start + count) % length;
      for (const name of columns) column(name)[slot] = point[name] ?? Number.NaN;
      if (count < length) count++;
      else start = (start + 1) % length;
    },
    at: (name, index) => column(name)[(start + index) % length] ?? Number.NaN,
    last: (name) => (count === 0 ? Number.NaN : (column(name)[(start + count - 1) % length] ?? Number.NaN)),
    clear: () => {
      count = 0;
      start = 0;
    },
  };
}
