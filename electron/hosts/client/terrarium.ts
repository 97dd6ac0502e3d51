import type { Sandbox as SandboxInfo } from '../../../shared/model/sandbox.ts';
import { type Client, type ConnectionOptions, createConnection } from './connection.ts';
import { type CreateOptions, createSandbox, findSandbox, type SandboxHandle } from './sandbox.ts';

export type Sandbox = SandboxHandle;

/** The ways to a sandbox of the host that `connect()` finds. */
export const Sandbox = {
  /** Makes one and starts it. Throws AppError. */
  create: (options: CreateOptions): Promise<Sandbox> => connect().create(options),
  /** One that is there, by its id or its name. Throws `not_found`. */
  connect: (idOrName: string): Promise<Sandbox> => connect().sandbox(idOrName),
  list: (): Promise<readonly SandboxInfo[]> => connect().list(),
};

/** A host that runs on this machine. Nothing is sent before the first call. */
export interface Terrarium extends Disposable {
  readonly create: (options: CreateOptions) => Promise<Sandbox>;
  readonly sandbox: (idOrName: string) => Promise<Sandbox>;
  readonly list: () => Promise<readonly SandboxInfo[]>;
  /** The whole contract, as the window uses it. */
  readonly api: Client;
  /** Ends the connection; sandboxes stay. A process needs not call it to end. */
  readonly close: () => void;
}

const defaults = new Map<string, Terrarium>();

/** The host of the usual state folder, one connection for all of a process; or another one. */
export function connect(options?: ConnectionOptions): Terrarium {
  if (options) return terrariumAt(options);
  const home = process.env.TERRARIUM_HOME ?? '';
  const known = defaults.get(home) ?? terrariumAt({});
  defaults.set(home, known);
  return known;
}

function terrariumAt(options: ConnectionOptions): Terrarium {
  const { client, close } = createConnection(options);
  return {
    create: (given) => createSandbox(client, given),
    sandbox: (idOrName) => findSandbox(client, idOrName),
    list: () => client.sandboxes.list({}),
    api: client,
    close,
    [Symbol.dispose]: close,
  };
}
