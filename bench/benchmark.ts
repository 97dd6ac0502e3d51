import type { LaunchOptions } from '@playwright/test';
import type { FigureName } from './figures.ts';

export interface Tools {
  /** How the browser is started, as for the end-to-end tests. */
  readonly launchOptions: LaunchOptions;
  /** Why there is no browser; null when there is one. */
  readonly browserMissing: string | null;
  /** The built page. */
  readonly pageFolder: string;
  /** Aborted when the run is interrupted: what goes on ends at the next measurement and cleans up. */
  readonly signal: AbortSignal;
}

/** Measurements, or why there are none. */
export type Outcome =
  | { readonly samples: readonly number[]; readonly notes?: Readonly<Record<string, number | string>> }
  | { readonly missing: string };

export type Outcomes = Readonly<Partial<Record<FigureName, Outcome>>>;

/** Figures that are measured together, so that what disturbs one disturbs its peer as well. */
export interface Benchmark {
  readonly figures: readonly FigureName[];
  readonly needsBrowser: boolean;
  readonly run: (tools: Tools) => Promise<Outcomes>;
}

export function toOutcomes(samples: Readonly<Partial<Record<FigureName, readonly number[]>>>): Outcomes {
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, { samples: values }]));
}

export function missingOutcomes(names: readonly FigureName[], missing: string): Outcomes {
  return Object.fromEntries(names.map((name) => [name, { missing }]));
}
