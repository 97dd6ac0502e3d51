// @vitest-environment happy-dom
import { ORPCError } from '@orpc/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeTransport, type FakeTransport } from '../../test-support/fake-transport.ts';
import { type Connection, createConnection } from './connection.ts';

let fake: FakeTransport;
let connection: Connection;

beforeEach(() => {
  fake = createFakeTransport();
  connection = createConnection(fake.transport);
});
afterEach(() => connection.dispose());

const status = () => connection.state.getState().status;
const connected = () => vi.waitFor(() => expect(status()).toBe('connected'));

/** Gives items, then waits for the end of the wire, as a stream of the host does. */
async function* items(list: readonly string[], signal: AbortSignal | undefined) {
  yield* list;
  await new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted')));
    broken = () => reject(new Error('socket closed'));
  });
}
let broken: () => void = () => undefined;

function cut(): void {
  fake.breakWire();
  broken();
}

describe('calls', () => {
  it('fail as disconnected while there is no connection', async () => {
    fake.mode = 'down';
    connection.dispose();
    connection = createConnection(fake.transport);
    await expect(connection.client.engines.list({})).rejects.toMatchObject({ code: 'disconnected' });
  });

  it('fail with the error of the host', async () => {
    await connected();
    const data = { code: 'conflict', message: 'It is running', hint: 'Stop it' };
    fake.answer = () => Promise.reject(new ORPCError('APP_ERROR', { status: 400, data }));
    await expect(connection.client.engines.list({})).rejects.toMatchObject({ name: 'AppError', ...data });
  });

  it('fail as internal when the host says something else', async () => {
    await connected();
    fake.answer = () => Promise.reject(new ORPCError('BAD_REQUEST', { message: 'no' }));
    await expect(connection.client.engines.list({})).rejects.toMatchObject({ code: 'internal', message: 'no' });
  });

  it('fail as disconnected when the connection is lost under them', async () => {
    await connected();
    fake.answer = () =>
      new Promise((_, reject) => {
        broken = () => reject(new Error('socket closed'));
      });
    const call = connection.client.engines.list({});
    await Promise.resolve();
    cut();
    await expect(call).rejects.toMatchObject({ code: 'disconnected' });
  });

  it('fail as cancelled when their signal is aborted', async () => {
    await connected();
    fake.answer = (_path, _input, signal) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    const stop = new AbortController();
    const call = connection.client.engines.list({}, { signal: stop.signal });
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('reconnecting', () => {
  it('is a state of its own, and ends when the host is back', async () => {
    await connected();
    fake.mode = 'down';
    cut();
    await vi.waitFor(() => expect(status()).toBe('reconnecting'));
    fake.mode = 'up';
    connection.retryNow();
    await connected();
    expect(connection.state.getState().generation).toBe(2);
  });

  it('does not wait when the browser is online again', async () => {
    await connected();
    fake.mode = 'down';
    cut();
    await vi.waitFor(() => expect(status()).toBe('reconnecting'));
    fake.mode = 'up';
    window.dispatchEvent(new Event('online'));
    await connected();
  });

  it('is given up when the host refuses the page', async () => {
    await connected();
    fake.mode = 'refused';
    cut();
    await vi.waitFor(() => expect(status()).toBe('refused'));
    const tries = fake.tries();
    connection.retryNow();
    await Promise.resolve();
    expect(fake.tries()).toBe(tries);
  });
});

describe('subscriptions', () => {
  it('are opened again after a lost connection and bring their items again', async () => {
    fake.answer = (_path, _input, signal) => Promise.resolve(items(['snapshot'], signal));
    const seen: unknown[] = [];
    const stop = new AbortController();
    const over = connection.subscribe({
      open: (client, signal) => client.sandboxes.watch({}, { signal }),
      onItem: (item) => seen.push(item),
      signal: stop.signal,
      endless: true,
    });
    await vi.waitFor(() => expect(seen).toEqual(['snapshot']));
    cut();
    await vi.waitFor(() => expect(seen).toEqual(['snapshot', 'snapshot']));
    stop.abort();
    await over;
  });

  it('reject with the error with which the host ends them', async () => {
    await connected();
    const data = { code: 'not_found', message: 'gone' };
    fake.answer = () => Promise.reject(new ORPCError('APP_ERROR', { status: 400, data }));
    const over = connection.subscribe({
      open: (client, signal) => client.sandboxes.watch({}, { signal }),
      onItem: () => undefined,
      signal: new AbortController().signal,
      endless: true,
    });
    await expect(over).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are over when a finite stream ends', async () => {
    await connected();
    fake.answer = () =>
      Promise.resolve(
        (async function* () {
          yield 'last';
        })(),
      );
    const seen: unknown[] = [];
    await connection.subscribe({
      open: (client, signal) => client.sandboxes.watch({}, { signal }),
      onItem: (item) => seen.push(item),
      signal: new AbortController().signal,
      endless: false,
    });
    expect(seen).toEqual(['last']);
  });
});
