import type { Capabilities, Capability, EngineReport } from '../../shared/model/engine.ts';

const enforced: Capability = { support: 'enforced' };
const unsupported: Capability = { support: 'unsupported' };
const bestEffort: Capability = { support: 'best-effort', note: 'through rlimits' };

/** An engine for tests of the create dialog: holds memory, tries processes, cannot hold disk. */
export function fakeCapabilities(): Capabilities {
  return {
    isolation: 'container',
    limits: {
      cpuCores: enforced,
      memoryBytes: enforced,
      diskBytes: unsupported,
      processes: bestEffort,
      openFiles: enforced,
      fileSizeBytes: enforced,
      wallTimeMs: enforced,
      idleTimeMs: enforced,
      cpuTimeMs: enforced,
      outputBytes: enforced,
      fuel: unsupported,
    },
    network: { none: enforced, loopback: unsupported, allowlist: enforced, full: enforced },
    profiles: { trusted: enforced, standard: enforced, strict: enforced },
    features: {
      exec: enforced,
      execSignals: enforced,
      console: enforced,
      pause: enforced,
      logTimes: enforced,
      logs: enforced,
      ports: enforced,
      mounts: enforced,
      images: enforced,
      updateLimits: enforced,
      command: enforced,
      userns: unsupported,
      filesystem: unsupported,
      overlay: unsupported,
      python: unsupported,
      packages: unsupported,
      snapshots: unsupported,
      files: unsupported,
    },
    sources: ['image'],
    defaults: { network: { mode: 'none' }, profile: 'standard' },
  };
}

/** An engine that works and can do what `fakeCapabilities` says. */
export function fakeReport(kind: EngineReport['kind'], capabilities = fakeCapabilities()): EngineReport {
  return { kind, status: 'available', version: null, reason: null, hint: null, capabilities, runtimes: [], facts: {} };
}
