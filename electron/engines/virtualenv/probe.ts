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
  const found = await interpreters.find();
  const [best] = found;
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
    facts: { python: describe(best), ...others(found.slice(1)), pip: pipOf(found) },
  };
}

const describe = ({ path, version }: Interpreter) => `${version} (${path})`;

function others(found: readonly Interpreter[]): Readonly<Record<string, string>> {
  return found.length === 0 ? {} : { 'other Pythons': found.map(describe).join(', ') };
}

function pipOf(found: readonly Interpreter[]): string {
  const withPip = found.find(({ pip }) => pip !== null);
  if (withPip) return `${withPip.pip} (of Python ${withPip.version})`;
  return found.some(({ pipWheel }) => pipWheel !== null)
    ? 'the wheel that came with Python'
    : `missing. ${HOW_TO_GET_PIP}`;
}
