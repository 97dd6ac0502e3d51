import type { Capabilities, Capability } from '../../../shared/model/engine.ts';
import { limitCapabilities } from './limits.ts';

const yes: Capability = { support: 'enforced' };
const no = (note: string): Capability => ({ support: 'unsupported', note });

const NOT_ISOLATED = 'a plain process is not isolated from this machine';

/** What sandboxes can do whose programs are plain processes of this machine. */
export function plainCapabilities(platform: NodeJS.Platform): Capabilities {
  const plainNetwork = no('a plain process uses the network of this machine');
  return {
    isolation: 'none',
    limits: limitCapabilities(platform === 'linux'),
    network: { none: plainNetwork, loopback: plainNetwork, allowlist: plainNetwork, full: yes },
    profiles: { trusted: yes, standard: no(NOT_ISOLATED), strict: no(NOT_ISOLATED) },
    features: {
      exec: yes,
      console: yes,
      command: yes,
      logs: { support: 'enforced', note: 'without times; the two streams’ order among each other is not kept' },
      pause: { support: 'best-effort', note: 'every process is stopped by a signal, which its parent can see' },
      ports: no('programs listen on this machine directly'),
      mounts: no('programs see the folders of this machine directly'),
      images: no('a plain process has no image'),
      updateLimits: no('limits are set when a program starts'),
      userns: no(NOT_ISOLATED),
      filesystem: no(NOT_ISOLATED),
      overlay: no(NOT_ISOLATED),
      python: no('make a virtualenv sandbox for it'),
      packages: no('a plain process has the packages of this machine'),
      snapshots: no('the memory of a plain process cannot be saved'),
    },
    sources: ['empty', 'directory'],
    defaults: { network: { mode: 'full' }, profile: 'trusted' },
  };
}
