import { type SamplePoint, samplePointSchema } from '../../../shared/model/sample.ts';

const keys = Object.keys(samplePointSchema.shape) as readonly (keyof SamplePoint)[];

/** How fine and how far back a level remembers. */
interface Level {
  /** At most one point is kept in this time; 0 keeps every point. */
  readonly stepMs: number;
  readonly capacity: number;
}

/** Every point of the last minutes (one at 10 Hz, ten at 1 Hz), then one in ten seconds for over an hour. */
const LEVELS: readonly Level[] = [
  { stepMs: 0, capacity: 600 },
  { stepMs: 10_000, capacity: 400 },
];

/** The past of one sandbox, coarser with age, in a fixed amount of memory (86 KiB). */
export interface Series {
  readonly add: (point: SamplePoint) => void;
  /** Points after `since`, oldest first: fine ones as far back as they reach, coarse ones before. */
  readonly since: (since: number) => readonly SamplePoint[];
}

export function createSeries(): Series {
  const rings = LEVELS.map(createRing);
  return {
    add(point) {
      for (const ring of rings) ring.add(point);
    },
    since(since) {
      let points: SamplePoint[] = [];
      let before = Number.POSITIVE_INFINITY;
      for (const ring of rings) {
        points = [...ring.read(since, before), ...points];
        before = points[0]?.at ?? before;
      }
      return points;
    },
  };
}

function createRing({ stepMs, capacity }: Level) {
  // One row a point; NaN stands for null.
  const rows = new Float64Array(capacity * keys.length);
  let count = 0;
  let lastAt = Number.NEGATIVE_INFINITY;

  const read = (index: number): SamplePoint => {
    const offset = (index % capacity) * keys.length;
    const values = keys.map((key, column) => {
      const value = rows[offset + column] ?? Number.NaN;
      return [key, Number.isNaN(value) ? null : value];
    });
    return Object.fromEntries(values) as SamplePoint;
  };

  return {
    add(point: SamplePoint) {
      if (point.at - lastAt < stepMs) return;
      lastAt = point.at;
      const offset = (count % capacity) * keys.length;
      for (const [column, key] of keys.entries()) rows[offset + column] = point[key] ?? Number.NaN;
      count += 1;
    },
    read(after: number, before: number): SamplePoint[] {
      const points: SamplePoint[] = [];
      for (let index = Math.max(0, count - capacity); index < count; index += 1) {
        const at = rows[(index % capacity) * keys.length] ?? 0;
        if (at > after && at < before) points.push(read(index));
      }
      return points;
    },
  };
}
