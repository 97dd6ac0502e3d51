import { afterAll, beforeAll } from 'vitest';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../../../shared/model/spec.ts';
import type { Client } from '../../client/connection.ts';
import { type HostProcess, makeHome, startHost } from '../../testing/host-process.ts';
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
  let folder: Awaited<ReturnType<typeof makeHome>> | undefined;
  let started: HostProcess | undefined;
  const host = () => {
    if (!started) throw new Error('the host is not there yet');
    return started;
  };
  const home = () => folder?.path ?? '';
  const env = () => environmentOf(home());

  beforeAll(async () => {
    folder = await makeHome();
    started = await startHost(folder.path);
  });
  afterAll(async () => {
    if (started) {
      for (const { id, foreign } of await started.client.sandboxes.list({}))
        if (!foreign) await started.client.sandboxes.destroy({ id });
      await started.stop();
    }
    await folder?.remove();
  });

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
