import { enforced, unsupported } from '../../../shared/model/capability.ts';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { findProgram } from '../../lib/executable.ts';
import { plainCapabilities } from '../local/capabilities.ts';
import { HOW_TO_GET_NPM } from '../local/npm.ts';
import { probeMachine } from '../local/probe.ts';

const NO_NPM = `npm, which puts packages into the workspace, is missing. ${HOW_TO_GET_NPM}`;

export async function probe(platform: NodeJS.Platform): Promise<EngineReport> {
  const base = { kind: 'process', version: null, capabilities: plainCapabilities(platform), runtimes: [] } as const;
  const machine = await probeMachine(platform);
  if (machine.missing) return { ...base, status: 'missing', facts: {}, ...machine.missing };
  const npm = findProgram('npm');
  const packages = npm ? enforced() : unsupported(NO_NPM);
  const { features } = base.capabilities;
  const withPackages = { ...base.capabilities, features: { ...features, packages } };
  const facts = { ...machine.facts, ...(npm ? { npm } : {}) };
  return { ...base, status: 'available', reason: null, hint: null, capabilities: withPackages, facts };
}
