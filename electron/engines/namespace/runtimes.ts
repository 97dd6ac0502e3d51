import { hasBundle } from '../gvisor/paths.ts';
import type { Launcher, LocalSandbox, SandboxPlace } from '../local/launcher.ts';

/**
 * Each sandbox by the runtime that was chosen for it: bubblewrap, or gVisor. What was started is told by
 * what that left in the sandbox's folder, so also by a later host and when nothing else is known of it.
 */
export function createRuntimeLauncher(options: {
  readonly bubblewrap: Launcher;
  readonly gvisor: Launcher;
  /** Whether a sandbox is to be gVisor's at its next start. */
  readonly choosesGvisor: (sandbox: LocalSandbox) => Promise<boolean>;
}): Launcher {
  const { bubblewrap, gvisor, choosesGvisor } = options;
  const chosen = async (sandbox: LocalSandbox) => ((await choosesGvisor(sandbox)) ? gvisor : bubblewrap);
  const at = (place: SandboxPlace): Launcher => (hasBundle(place) ? gvisor : bubblewrap);
  return {
    create: async (sandbox, task) => (await chosen(sandbox)).create?.(sandbox, task),
    start: async (sandbox) => (await chosen(sandbox)).start?.(sandbox),
    started: async (sandbox) => at(sandbox).started?.(sandbox),
    ended: async (place) => at(place).ended?.(place),
    remove: async (place) => at(place).remove?.(place),

    holder: (sandbox) => at(sandbox).holder?.(sandbox),
    environment: (sandbox, env) => at(sandbox).environment?.(sandbox, env) ?? env,
    locate: async (sandbox, program) => (await at(sandbox).locate?.(sandbox, program)) ?? '',
    launch: (sandbox, program) => at(sandbox).launch?.(sandbox, program),
    shell: (sandbox) => at(sandbox).shell?.(sandbox) ?? { argv: ['/bin/sh'], env: {} },
    async view(sandbox, whileStopped) {
      // Both show it in the same place, so before the first start and after the end it is the same.
      const view = await at(sandbox).view?.(sandbox, whileStopped);
      if (!view) throw new Error('a launcher shows no files');
      return view;
    },

    rlimits: (limits, sandbox) => at(sandbox).rlimits?.(limits, sandbox) ?? limits,
    explainExit: (sandbox, exit, role, part) => at(sandbox).explainExit?.(sandbox, exit, role, part) ?? exit,
    pause: async (place) => at(place).pause?.(place),
    resume: async (place) => at(place).resume?.(place),
    isCarrier: (pid, sandbox) => at(sandbox).isCarrier?.(pid, sandbox) ?? false,
    askToEnd: async (sandbox, members, deadline) =>
      at(sandbox).askToEnd ? at(sandbox).askToEnd?.(sandbox, members, deadline) : false,
    signalProgram: async (place, part, signal) => at(place).signalProgram?.(place, part, signal),
    endProgram: async (place, part) => at(place).endProgram?.(place, part),
    strikes: async (sandbox) => (await at(sandbox).strikes?.(sandbox)) ?? {},
    sample: async (sandbox, scan) => (await at(sandbox).sample?.(sandbox, scan)) ?? null,
    updateLimits: async (sandbox, limits) => at(sandbox).updateLimits?.(sandbox, limits),
  };
}
