import { type ClientOptions, createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Contract } from '../../../shared/contract/index.ts';
import { isAppError } from '../../../shared/model/app-error.ts';
import { backoffMs } from './backoff.ts';
import { disconnected, toAppError } from './errors.ts';
import { RefusedError, type Transport, type Wire } from './transport.ts';

export type Client = ContractRouterClient<Contract>;

export interface ConnectionState {
  /** `reconnecting` only after it once stood: before that, the page has nothing to show yet. */
  readonly status: 'connecting' | 'connected' | 'reconnecting' | 'refused';
  /** Rises with every connection that stood. */
  readonly generation: number;
}

export interface Subscription<T> {
  readonly open: (client: Client, signal: AbortSignal) => Promise<AsyncIterable<T>>;
  readonly onItem: (item: T) => void;
  /** Before each opening, also the first. */
  readonly onOpen?: () => void;
  readonly signal: AbortSignal;
  /** A stream that ends by itself is over; an endless one is opened again. */
  readonly endless: boolean;
}

export interface Connection {
  /** Every failure of it is an AppError; `disconnected` at once while there is no connection. */
  readonly client: Client;
  readonly state: StoreApi<ConnectionState>;
  /**
   * Reads a stream and opens it again after each lost connection. Resolves when the stream is over
   * or the signal is aborted; rejects with the AppError with which the host ended it.
   */
  readonly subscribe: <T>(subscription: Subscription<T>) => Promise<void>;
  /** Does not wait out the backoff. */
  readonly retryNow: () => void;
  readonly dispose: () => void;
}

/** Between two openings of an endless stream that the host ended. */
const REOPEN_MS = 500;

export function createConnection(transport: Transport): Connection {
  const ending = new AbortController();
  const state = createStore<ConnectionState>(() => ({ status: 'connecting', generation: 0 }));
  let wire: Wire | undefined;
  let wakeUp: () => void = () => undefined;

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function keepConnected(): Promise<void> {
    for (let attempt = 0; !ending.signal.aborted; attempt++) {
      try {
        const current = await transport(ending.signal);
        wire = current;
        attempt = -1;
        state.setState(({ generation }) => ({ status: 'connected', generation: generation + 1 }));
        await current.closed;
      } catch (error) {
        if (error instanceof RefusedError) {
          state.setState({ status: 'refused' });
          return;
        }
      }
      wire = undefined;
      if (ending.signal.aborted) return;
      state.setState(({ generation }) => ({ status: generation === 0 ? 'connecting' : 'reconnecting' }));
      await pause(backoffMs(Math.max(0, attempt)));
    }
  }

  /** Resolves when a connection younger than `generation` stands, or the signal is aborted. */
  function connectedAfter(generation: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const isThere = (now: ConnectionState) => now.status === 'connected' && now.generation > generation;
      const check = () => {
        if (!signal.aborted && !isThere(state.getState())) return;
        unsubscribe();
        signal.removeEventListener('abort', check);
        resolve();
      };
      const unsubscribe = state.subscribe(check);
      signal.addEventListener('abort', check);
      check();
    });
  }

  /** Not a generator: its `return` must reach the stream at once, also while a `next` is pending. */
  function convertErrors(
    source: AsyncIterable<unknown>,
    current: Wire,
    signal: AbortSignal | undefined,
  ): AsyncIterableIterator<unknown> {
    const items = source[Symbol.asyncIterator]();
    const iterator: AsyncIterableIterator<unknown> = {
      next: async () => {
        try {
          const result = await items.next();
          // A lost connection can end a stream like a finished one; the wire tells them apart.
          if (result.done === true && !current.isOpen()) throw disconnected();
          return result;
        } catch (error) {
          throw toAppError(error, { aborted: signal?.aborted === true, open: current.isOpen() });
        }
      },
      return: async (value) => {
        await items.return?.();
        return { done: true, value };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  function isIterable(value: unknown): value is AsyncIterable<unknown> {
    return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
  }

  const client: Client = createORPCClient({
    call: async (path: readonly string[], input: unknown, options: ClientOptions<Record<never, never>>) => {
      const current = wire;
      if (!current) throw disconnected();
      try {
        const output = await current.link.call(path, input, options);
        return isIterable(output) ? convertErrors(output, current, options.signal) : output;
      } catch (error) {
        throw toAppError(error, { aborted: options.signal?.aborted === true, open: current.isOpen() });
      }
    },
  });

  async function subscribe<T>({ open, onItem, onOpen, signal, endless }: Subscription<T>): Promise<void> {
    let after = 0;
    while (!signal.aborted) {
      await connectedAfter(after, signal);
      if (signal.aborted) return;
      const { generation } = state.getState();
      try {
        onOpen?.();
        for await (const item of await open(client, signal)) {
          if (signal.aborted) return;
          onItem(item);
        }
        if (!endless) return;
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      } catch (error) {
        if (signal.aborted) return;
        if (!isAppError(error, 'disconnected')) throw error;
        after = generation;
      }
    }
  }

  const retryNow = () => wakeUp();
  const onVisible = () => {
    if (document.visibilityState === 'visible') retryNow();
  };
  window.addEventListener('online', retryNow);
  document.addEventListener('visibilitychange', onVisible);
  void keepConnected();

  return {
    client,
    state,
    subscribe,
    retryNow,
    dispose: () => {
      window.removeEventListener('online', retryNow);
      document.removeEventListener('visibilitychange', onVisible);
      ending.abort();
      wire?.close();
      retryNow();
    },
  };
}
