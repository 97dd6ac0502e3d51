import type { Capabilities, Runtime } from '../../../shared/model/engine.ts';
import type { OciClient } from './client.ts';
import type { Endpoint } from './connection.ts';
import type { GvisorRuntime } from './gvisor.ts';
import { proveRuntime } from './runtime-proof.ts';

export interface Runtimes {
  /** Of the daemon's usual runtime, which may be gVisor. */
  readonly capabilities: Capabilities;
  /** Those that ran a container here. */
  readonly runtimes: readonly Runtime[];
  /** Why others are not offered. */
  readonly facts: Readonly<Record<string, string>>;
}

/** What failed may work later, e.g. when the machine was too busy; but a trial that fails can take seconds. */
const RETRY_MS = 5 * 60_000;

interface Trial {
  readonly failure: Promise<string | null>;
  readonly at: number;
}

/** Trials that are over or under way, by daemon and how it calls the runtime: one is enough for a host's life. */
const trials = new Map<string, Trial>();

/** Which of the runtimes that a daemon names work here, and what they can do. */
export async function proveRuntimes(
  client: OciClient,
  found: readonly GvisorRuntime[],
  engine: {
    readonly endpoint: Endpoint;
    readonly version: string;
    readonly usual: { readonly name: string; readonly capabilities: Capabilities };
    /** Where it puts its init into a container. */
    readonly init: string;
    readonly describe: (runtime: GvisorRuntime) => Runtime;
    /** What to do about one that does not work. */
    readonly hint?: string;
  },
): Promise<Runtimes> {
  const { endpoint, version, usual, init, describe, hint } = engine;
  const runtimes: Runtime[] = [];
  const facts: Record<string, string> = {};
  let { capabilities } = usual;
  for (const each of found) {
    if (each.name === usual.name) {
      ({ capabilities } = describe(each));
      continue;
    }
    const key = JSON.stringify([endpoint.url, version, each]);
    const known = trials.get(key);
    const isOld = known !== undefined && Date.now() > known.at + RETRY_MS && (await known.failure) !== null;
    const trial = known && !isOld ? known : { failure: proveRuntime(client, each.name, init), at: Date.now() };
    trials.set(key, trial);
    const failure = await trial.failure;
    if (failure === null) {
      runtimes.push(describe(each));
      continue;
    }
    const remedy = hint === undefined ? '' : `. To have it, ${hint}`;
    facts[`runtime ${each.name}`] = `not offered, it did not run a container: ${failure}${remedy}`;
  }
  return { capabilities, runtimes, facts };
}
