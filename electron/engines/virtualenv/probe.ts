import { enforced } from '../../../shared/model/capability.ts';
import type { EngineOffer, EngineReport, Runtime } from '../../../shared/model/engine.ts';
import type { Abilities } from '../bubblewrap/abilities.ts';
import { bubblewrapCapabilities } from '../bubblewrap/capabilities.ts';
import type { MissingTool } from '../bubblewrap/tools.ts';
import { plainCapabilities } from '../local/capabilities.ts';
import { probeMachine } from '../local/probe.ts';
import { NAMESPACE } from './boxed.ts';
import { HOW_TO_GET_PYTHON, type Interpreter, type Interpreters, OLDEST } from './interpreters.ts';
import { HOW_TO_GET_PIP } from './pip.ts';

/** `boxes`: what bubblewrap can do here, or why nothing. */
export function offerOf(platform: NodeJS.Platform, boxes: Abilities | MissingTool): EngineOffer {
  const plain = plainCapabilities(platform);
  const capabilities = { ...plain, features: { ...plain.features, python: enforced(), packages: enforced() } };
  return { capabilities, runtimes: 'reason' in boxes ? [] : [boxedRuntime(boxes)] };
}

function boxedRuntime(abilities: Abilities): Runtime {
  const boxed = bubblewrapCapabilities(abilities);
  const packages = enforced(
    'while it runs, with its own network or a folder of wheels; those asked for at creation as wheels only',
  );
  return {
    name: NAMESPACE,
    title: 'Isolated (bubblewrap)',
    tradeOff: 'Kept apart from this machine by namespaces; packages are changed from inside only, and there is no npm.',
    capabilities: { ...boxed, features: { ...boxed.features, python: enforced(), packages } },
  };
}

export async function probe(
  platform: NodeJS.Platform,
  interpreters: Interpreters,
  boxes: Abilities | MissingTool,
): Promise<EngineReport> {
  const base = { kind: 'virtualenv', version: null, ...offerOf(platform, boxes) } as const;
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
      ...('reason' in boxes ? { [`runtime ${NAMESPACE}`]: `not offered: ${boxes.reason} ${boxes.hint}` } : {}),
    },
  };
}

function pipOf({ pip, pipWheel }: Interpreter): string {
  if (pip !== null) return pip;
  return pipWheel === null ? `missing. ${HOW_TO_GET_PIP}` : 'the wheel that came with Python';
}
