import { formatDuration } from '../../../shared/units.ts';

/** A time that was measured, e.g. `0.42 ms`: three digits at most, as no more of it means anything. */
export function formatMs(ms: number): string {
  return formatDuration(Number(ms < 10 ? ms.toFixed(2) : ms.toPrecision(3)));
}
