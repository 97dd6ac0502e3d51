import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import { bestEffort, enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities, Capability, Runtime } from '../../../shared/model/engine.ts';
import type { OciClient } from '../oci/client.ts';
import type { Endpoint } from '../oci/connection.ts';
import { findGvisor, type GvisorRuntime, gvisorRuntime } from '../oci/gvisor.ts';
import { proveRuntimes, type Runtimes } from '../oci/runtimes.ts';

const run = promisify(execFile);

const infoSchema = z.object({
  DefaultRuntime: z.string().default(''),
  Runtimes: z.record(z.string(), z.object({ path: z.string().default('') })).nullish(),
});

/** Podman hands a runtime no options of the user's; and up to now its API gives each container the usual runtime. */
const HINT =
  'name a script runsc in containers.conf, under [engine.runtimes], that calls gVisor with --platform=ptrace --network=none (rootless also --ignore-cgroups), and make it the usual runtime: runtime = "runsc" under [engine]';

/** The init that runs it: where that lies inside has changed from version to version. */
const ITSELF = '/proc/self/exe';

/** A script longer than this is none that only adds options. */
const LONGEST_SCRIPT = 16 * 1024;

/** conmon, through which Podman starts whatever it starts, calls a runtime with it to open a terminal. */
const TERMINAL_OPTION = /^\s+-tty\b/m;
const HELP_MS = 5000;

/**
 * Which runtimes beside the usual one work here, and what they can do. `dockerInfo`: Podman's answer in
 * Docker's words, as its own does not tell of them. It names each runtime that it has heard of, whether
 * or not that is installed.
 */
export async function findRuntimes(
  client: OciClient,
  endpoint: Endpoint,
  {
    version,
    dockerInfo,
    usual,
  }: { readonly version: string; readonly dockerInfo: unknown; readonly usual: Capabilities },
): Promise<Runtimes> {
  const { DefaultRuntime, Runtimes: all } = infoSchema.parse(dockerInfo);
  const there = Object.entries(all ?? {})
    .filter(([, { path }]) => !client.local || existsSync(path))
    .map(([name, { path }]) => [name, { path, runtimeArgs: client.local ? optionsIn(path) : [] }] as const);
  const paths = new Map(there.map(([name, { path }]) => [name, path]));
  const found = findGvisor(Object.fromEntries(there));
  const consoles = new Map<string, Capability>();
  for (const { name } of found) consoles.set(name, await consoleOf(client.local ? (paths.get(name) ?? null) : null));
  return proveRuntimes(client, found, {
    endpoint,
    version,
    usual: { name: DefaultRuntime, capabilities: usual },
    init: ITSELF,
    describe: (each) => describe(each, usual, { local: client.local, console: consoles.get(each.name) }),
    hint: HINT,
  });
}

function describe(
  found: GvisorRuntime,
  usual: Capabilities,
  can: { readonly local: boolean; readonly console: Capability | undefined },
): Runtime {
  const runtime = gvisorRuntime(found, { usual, checkpoints: false, local: can.local });
  const { capabilities } = runtime;
  const { features } = capabilities;
  const noNetwork = unsupported('gVisor gets no network of Podman’s');
  return {
    ...runtime,
    capabilities: {
      ...capabilities,
      network: { ...capabilities.network, full: noNetwork },
      features: {
        ...features,
        ports: noNetwork,
        console: can.console ?? features.console,
        snapshots: usual.features.snapshots,
      },
    },
  };
}

/** Whether a terminal can be opened. `path`: null where the program cannot be asked. */
async function consoleOf(path: string | null): Promise<Capability> {
  if (path === null) return bestEffort('older releases of gVisor cannot under Podman');
  const { stdout, stderr } = await run(path, ['help', 'exec'], { timeout: HELP_MS }).catch(() => NO_HELP);
  if (TERMINAL_OPTION.test(`${stdout}${stderr}`)) return enforced();
  return unsupported('this release of gVisor does not know the option --tty, with which Podman calls it');
}

const NO_HELP = { stdout: '', stderr: '' };

/** Options in a script that stands for the runtime; none in a program. */
function optionsIn(path: string): readonly string[] {
  if (statSync(path).size > LONGEST_SCRIPT) return [];
  return readFileSync(path, 'utf8').match(/(?<=\s)--[\w-]+(?:=[\w-]+)?/g) ?? [];
}
