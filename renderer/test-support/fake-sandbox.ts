import type { Sandbox } from '../../shared/model/sandbox.ts';

let count = 0;

/** A sandbox for tests of what the page does with one. */
export function fakeSandbox(part: Partial<Sandbox> = {}): Sandbox {
  count++;
  return {
    id: `sbx_${String(count).padStart(12, '0')}`,
    name: `sandbox ${count}`,
    engine: 'process',
    state: 'running',
    foreign: false,
    spec: null,
    source: 'empty workspace',
    generation: 1,
    createdAt: count,
    startedAt: count,
    stoppedAt: null,
    exit: null,
    error: null,
    ports: [],
    workspace: null,
    ...part,
  };
}
