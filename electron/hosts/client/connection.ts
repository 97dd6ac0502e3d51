import { type ClientOptions, createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../../shared/contract/index.ts';
import { AppError } from '../../../shared/model/error.ts';
import { homeFolder } from '../home-folder.ts';
import { isAlive, readState } from '../server/state-file.ts';
import { failureOf } from './failures.ts';
import { type Address, openWire, START, type Wire } from './wire.ts';

export type Client = ContractRouterClient<Contract>;

/** Which host: by its state folder, or by address and token. */
export type ConnectionOptions =
  | {
      /** Its state folder; `TERRARIUM_HOME`, else the platform's place for it, when missing. */
      readonly home?: string;
    }
  | Address;

export interface Connection {
  /** Every failure of it is an AppError. */
  readonly client: Client;
  /** Connects now instead of with the first call; throws what that would. */
  readonly connect: () => Promise<void>;
  readonly close: () => void;
}

/**
 * Connects with the first call, and again with the next one after a connection was lost. It keeps the process
 * running only while a call or a stream is under way.
 */
export function createConnection(options: ConnectionOptions = {}): Connection {
  let wire: Wire | null = null;
  let opening: Promise<Wire> | null = null;
  let closings = 0;

  const open = async (): Promise<Wire> => {
    if (wire?.isOpen()) return wire;
    const before = closings;
    opening ??= openTo(options).finally(() => {
      opening = null;
    });
    wire = await opening;
    // Closed while it was made.
    if (closings !== before) wire.close();
    return wire;
  };

  const client: Client = createORPCClient({
    async call(path: readonly string[], input: unknown, call: ClientOptions<Record<never, never>>) {
      const current = await open();
      current.hold();
      const context = () => ({ aborted: call.signal?.aborted === true, open: current.isOpen() });
      try {
        const output = await current.link.call(path, input, call);
        if (!isIterable(output)) return output;
        current.hold(); // until the stream is over
        return readStream(output, current, context);
      } catch (error) {
        throw failureOf(error, context());
      } finally {
        current.release();
      }
    },
  });
  return {
    client,
    async connect() {
      await open();
    },
    close() {
      closings += 1;
      wire?.close();
    },
  };
}

const NOT_RUNNING = 'No Terrarium is running';

/** Whether it failed because no host runs on the state folder. */
export const isNotRunning = (error: unknown): boolean => error instanceof AppError && error.message === NOT_RUNNING;

async function openTo(options: ConnectionOptions): Promise<Wire> {
  if ('port' in options) return openWire(options);
  const home = options.home ?? homeFolder();
  const notRunning = (cause?: unknown) =>
    new AppError('disconnected', NOT_RUNNING, { hint: START, details: { home }, cause });
  const state = await readState(home);
  if (!state) throw notRunning();
  try {
    return await openWire({ ...state, home });
  } catch (error) {
    // A host that was killed leaves its state behind, and the next one may have its port before it has written its own.
    const now = await readState(home);
    if (now && now.token !== state.token) return openWire({ ...now, home });
    throw now && isAlive(now) ? error : notRunning(error);
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Not a generator: one that is returned before its first item would neither end the host's side nor let go. */
function readStream(
  source: AsyncIterable<unknown>,
  current: Wire,
  context: () => { readonly aborted: boolean; readonly open: boolean },
): AsyncIterableIterator<unknown> {
  const items = source[Symbol.asyncIterator]();
  let isHeld = true;
  const letGo = () => {
    if (isHeld) current.release();
    isHeld = false;
  };
  const iterator: AsyncIterableIterator<unknown> = {
    async next() {
      try {
        const item = await items.next();
        if (!item.done) return item;
        letGo();
        // A lost connection can end a stream like a finished one.
        if (!current.isOpen()) throw failureOf(null, context());
        return item;
      } catch (error) {
        letGo();
        throw failureOf(error, context());
      }
    },
    async return(value) {
      letGo();
      await items.return?.();
      return { done: true, value };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
