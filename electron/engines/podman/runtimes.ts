import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import { bestEffort, enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities, Capability, Runtime } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
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
  const parsed = infoSchema.safeParse(dockerInfo);
  if (!parsed.success) {
    throw new AppError('engine_unavailable', 'What Podman says of its runtimes is not understood', {
      cause: parsed.error,
    });
  }
  const { DefaultRuntime, Runtimes: all } = parsed.data;
  const pathOf = (name: string) => all?.[name]?.path ?? '';
  // Only of these more is asked: no other runtime's state can do harm.
  const named = findGvisor(all ?? {}).filter(({ name }) => !client.local || existsSync(pathOf(name)));
  const found: GvisorRuntime[] = [];
  const consoles = new Map<string, Capability>();
  const unread: Record<string, string> = {};
  for (const { name } of named) {
    const { options, reason } = client.local ? optionsIn(pathOf(name)) : NO_OPTIONS;
    if (reason !== null) unread[`options of ${name}`] = `not known: ${reason}`;
    found.push({ name, args: options });
    consoles.set(name, await consoleOf(client.local ? pathOf(name) : null));
  }
  const proven = await proveRuntimes(client, found, {
    endpoint,
    version,
    usual: { name: DefaultRuntime, capabilities: usual },
    init: ITSELF,
    describe: (each) => describe(each, usual, { local: client.local, console: consoles.get(each.name) }),
    hint: HINT,
  });
  return { ...proven, facts: { ...unread, ...proven.facts } };
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

interface Options {
  readonly options: readonly string[];
  /** Why they could not be read. */
  readonly reason: string | null;
}

const NO_OPTIONS: Options = { options: [], reason: null };

/** Options in a script that stands for the runtime; none in a program. */
function optionsIn(path: string): Options {
  try {
    if (statSync(path).size > LONGEST_SCRIPT) return NO_OPTIONS;
    const options = readFileSync(path, 'utf8').match(/(?<=\s)--[\w-]+(?:=[\w-]+)?/g) ?? [];
    return { options, reason: null };
  } catch (error) {
    return { options: [], reason: error instanceof Error ? error.message : String(error) };
  }
}
