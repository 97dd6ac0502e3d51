import type { Capabilities, EngineReport } from '../../../shared/model/engine.ts';
import { plainCapabilities } from '../local/capabilities.ts';
import { probeMachine } from '../local/probe.ts';
import { HOW_TO_GET_PYTHON, type Interpreter, type Interpreters, OLDEST } from './interpreters.ts';
import { HOW_TO_GET_PIP } from './pip.ts';

export function capabilities(platform: NodeJS.Platform): Capabilities {
  const plain = plainCapabilities(platform);
  const enforced = { support: 'enforced' } as const;
  return { ...plain, features: { ...plain.features, python: enforced, packages: enforced } };
}

export async function probe(platform: NodeJS.Platform, interpreters: Interpreters): Promise<EngineReport> {
  const base = { kind: 'virtualenv', version: null, capabilities: capabilities(platform), runtimes: [] } as const;
  const machine = await probeMachine(platform);
  if (machine.missing) return { ...base, status: 'missing', facts: {}, ...machine.missing };
  const { best, others } = await interpreters.glance();
  if (!best) {
    const reason = `There is no Python ${OLDEST.join('.')} or newer.`;
    return { ...base, status: 'missing', facts: {}, reason, hint: HOW_TO_GET_PYTHON };
  }
  return {
    ...base,
    status: 'available',
    version: best.version,
    reason: null,
    hint: null,
    facts: {
      python: `${best.version} (${best.path})`,
      ...(others.length === 0 ? {} : { 'other Pythons': others.join(', ') }),
      pip: pipOf(best),
    },
  };
}

function pipOf({ pip, pipWheel }: Interpreter): string {
  if (pip !== null) return pip;
  return pipWheel === null ? `missing. ${HOW_TO_GET_PIP}` : 'the wheel that came with Python';
}
