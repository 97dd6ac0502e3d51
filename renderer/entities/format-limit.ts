import type { LimitName } from '../../shared/model/limits.ts';
import { formatBytes, formatCount, formatDuration } from '../../shared/units.ts';
import type { Strings } from '../strings/en.ts';

/** A limit with its unit, as a person writes it. */
export function formatLimit(name: LimitName, value: number, strings: Strings): string {
  switch (name) {
    case 'cpuCores':
      return strings.overview.cores(value);
    case 'memoryBytes':
    case 'diskBytes':
    case 'fileSizeBytes':
    case 'outputBytes':
      return formatBytes(value);
    case 'wallTimeMs':
    case 'idleTimeMs':
    case 'cpuTimeMs':
      return formatDuration(value);
    case 'fuel':
      return strings.overview.instructions(formatCount(value));
    case 'processes':
    case 'openFiles':
      return formatCount(value);
  }
}
