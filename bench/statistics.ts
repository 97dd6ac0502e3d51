export interface Summary {
  readonly median: number;
  readonly p90: number;
  readonly min: number;
  readonly max: number;
}

/** Of at least one sample. Percentiles are interpolated between neighbours (type 7 of Hyndman and Fan, 1996). */
export function summarize(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (fraction: number) => {
    const position = fraction * (sorted.length - 1);
    const below = sorted[Math.floor(position)] ?? Number.NaN;
    const above = sorted[Math.ceil(position)] ?? Number.NaN;
    return below + (above - below) * (position - Math.floor(position));
  };
  return { median: at(0.5), p90: at(0.9), min: at(0), max: at(1) };
}

/** To as many digits as a measurement of this kind is worth. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
