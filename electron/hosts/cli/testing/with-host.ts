import { afterAll } from 'vitest';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../../../shared/model/spec.ts';
import type { Client } from '../../client/connection.ts';
import { hostForTests } from '../../testing/host-for-tests.ts';
import type { HostProcess } from '../../testing/host-process.ts';
import { destroyAll } from '../../testing/sandboxes.ts';
import { environmentOf, onTerminal, program, type Ran, type Terminal, terrarium } from './terrarium.ts';

export interface Bench {
  readonly home: () => string;
  readonly host: () => HostProcess;
  readonly client: () => Client;
  readonly env: () => NodeJS.ProcessEnv;
  /** `terrarium`, with nothing to read. */
  readonly run: (...args: string[]) => Promise<Ran>;
  /** The same on a terminal. */
  readonly onTerminal: (...args: string[]) => Terminal;
  /** A shell's script on a terminal, in which `terrarium` is the program. */
  readonly script: (text: string) => Terminal;
  readonly create: (spec: Partial<SandboxSpecInput> & { readonly name: string }, start?: boolean) => Promise<Sandbox>;
}

/** A real host for the tests of a file, and commands that talk to it. Its sandboxes are destroyed at the end. */
export function withHost(): Bench {
  const test = hostForTests();
  const host = () => test.host;
  const home = () => test.home.path;
  const env = () => environmentOf(home());
  afterAll(() => destroyAll(test.host.client));

  return {
    home,
    host,
    env,
    client: () => host().client,
    run: (...args) => terrarium(args, { env: env() }),
    onTerminal: (...args) => onTerminal([process.execPath, program, ...args], env()),
    script: (text) =>
      onTerminal(['sh', '-c', `terrarium() { '${process.execPath}' '${program}' "$@"; }; ${text}`], env()),
    create: (spec, start = true) =>
      host().client.sandboxes.createAndWait({ spec: { engine: 'process', source: { type: 'empty' }, ...spec }, start }),
  };
}
