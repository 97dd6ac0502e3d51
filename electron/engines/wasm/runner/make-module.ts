import { writeFileSync } from 'node:fs';
import type { Job } from '../job.ts';
import { readModule } from './gauge.ts';

/** Writes a module with its limits in it. */
export function makeModule(job: Job): number {
  writeFileSync(job.account ?? '', readModule(job));
  return 0;
}
