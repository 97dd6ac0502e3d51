import type { EngineReport } from '../../../shared/model/engine.ts';
import { plainCapabilities } from '../local/capabilities.ts';
import { probeMachine } from '../local/probe.ts';

export async function probe(platform: NodeJS.Platform): Promise<EngineReport> {
  const base = { kind: 'process', version: null, capabilities: plainCapabilities(platform), runtimes: [] } as const;
  const machine = await probeMachine(platform);
  if (machine.missing) return { ...base, status: 'missing', facts: {}, ...machine.missing };
  return { ...base, status: 'available', reason: null, hint: null, facts: machine.facts };
}
