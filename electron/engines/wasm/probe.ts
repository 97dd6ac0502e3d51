import type { EngineReport } from '../../../shared/model/engine.ts';
import { probeMachine } from '../local/probe.ts';
import { wasmOffer } from './capabilities.ts';
import { libraries, versionOf } from './libraries.ts';

export async function probe(platform: NodeJS.Platform): Promise<EngineReport> {
  const base = { kind: 'wasm', version: null, ...wasmOffer } as const;
  const machine = await probeMachine(platform);
  if (machine.missing) return { ...base, status: 'missing', facts: {}, ...machine.missing };
  try {
    const facts = {
      wasi: 'preview 1',
      quickjs: versionOf(libraries.quickjs().folder),
      pyodide: versionOf(libraries.python().folder),
      v8: process.versions.v8,
    };
    return { ...base, status: 'available', reason: null, hint: null, facts };
  } catch (error) {
    return {
      ...base,
      status: 'missing',
      facts: {},
      reason: `An interpreter that comes with Terrarium is missing: ${String(error)}`,
      hint: 'Install Terrarium again (in a checkout: npm ci).',
    };
  }
}
