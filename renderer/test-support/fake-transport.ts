import { RefusedError, type Transport, type Wire } from '../app/connection/transport.ts';

export interface FakeTransport {
  readonly transport: Transport;
  /** How often a connection was tried. */
  readonly tries: () => number;
  /** Answers the calls of all later connections. */
  answer: (path: readonly string[], input: unknown, signal: AbortSignal | undefined) => Promise<unknown>;
  /** Ends the connection that stands. */
  readonly breakWire: () => void;
  /** Whether later tries succeed. */
  mode: 'up' | 'down' | 'refused';
}

/** A host that a test makes answer, vanish and come back. Stands for the network, which cannot be cut at a chosen moment. */
export function createFakeTransport(): FakeTransport {
  let tries = 0;
  let current: { readonly wire: Wire; readonly end: () => void } | undefined;

  const fake: FakeTransport = {
    mode: 'up',
    answer: () => Promise.resolve(undefined),
    tries: () => tries,
    breakWire: () => current?.end(),
    transport: () => {
      tries++;
      if (fake.mode === 'refused') return Promise.reject(new RefusedError());
      if (fake.mode === 'down') return Promise.reject(new Error('nobody there'));
      let open = true;
      let end = () => {
        open = false;
      };
      const closed = new Promise<void>((resolve) => {
        end = () => {
          open = false;
          resolve();
        };
      });
      const wire: Wire = {
        link: { call: (path, input, options) => fake.answer(path, input, options.signal) },
        isOpen: () => open,
        closed,
        close: () => end(),
      };
      current = { wire, end };
      return Promise.resolve(wire);
    },
  };
  return fake;
}
