import { bestEffort, enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities } from '../../../shared/model/engine.ts';
import { limitCapabilities } from './limits.ts';
import { filesCapability } from './local-files.ts';

const NOT_ISOLATED = 'a plain process is not isolated from this machine';

/** The count lies in the sandbox's own folder, which a plain process can write to. */
const forgeable = bestEffort(
  'a command is ended at it, the main program a moment later, by Terrarium while it runs; but a plain process that means to can change what was counted of the main program. Consoles are not counted',
);

/** What sandboxes can do whose programs are plain processes of this machine. */
export function plainCapabilities(platform: NodeJS.Platform): Capabilities {
  const plainNetwork = unsupported('a plain process uses the network of this machine');
  return {
    isolation: 'none',
    limits: { ...limitCapabilities(platform === 'linux'), outputBytes: forgeable },
    network: { none: plainNetwork, loopback: plainNetwork, allowlist: plainNetwork, full: enforced() },
    profiles: { trusted: enforced(), standard: unsupported(NOT_ISOLATED), strict: unsupported(NOT_ISOLATED) },
    features: {
      exec: enforced(),
      execSignals: enforced('to the command’s process group'),
      console: enforced(),
      command: enforced(),
      logs: enforced('the two streams’ order among each other is not kept'),
      logTimes: unsupported('a log here is a plain file, without times'),
      pause: bestEffort('every process is stopped by a signal, which its parent can see'),
      ports: unsupported('programs listen on this machine directly'),
      mounts: unsupported('programs see the folders of this machine directly'),
      images: unsupported('a plain process has no image'),
      updateLimits: unsupported(
        'limits are set when a program starts; only those that Terrarium holds itself can be changed',
      ),
      userns: unsupported(NOT_ISOLATED),
      filesystem: unsupported(NOT_ISOLATED),
      overlay: unsupported(NOT_ISOLATED),
      python: unsupported('make a virtualenv sandbox for it'),
      packages: unsupported('a plain process has the packages of this machine'),
      snapshots: unsupported('the memory of a plain process cannot be saved'),
      files: filesCapability(platform, 'its workspace'),
    },
    sources: ['empty', 'directory'],
    defaults: { network: { mode: 'full' }, profile: 'trusted' },
  };
}
