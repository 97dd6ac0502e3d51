import type { Capabilities, Capability } from '../../shared/model/engine.ts';

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
      fuel: unsupported,
    },
    network: { none: enforced, loopback: unsupported, allowlist: enforced, full: enforced },
    profiles: { trusted: enforced, standard: enforced, strict: enforced },
    features: {
      exec: enforced,
      console: enforced,
      pause: enforced,
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
    },
    sources: ['image'],
    defaults: { network: { mode: 'none' }, profile: 'standard' },
  };
}
