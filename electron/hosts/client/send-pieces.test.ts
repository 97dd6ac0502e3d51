import { afterAll, beforeAll, expect, it } from 'vitest';
import { failure } from '../testing/failure.ts';
import { hostForTests } from '../testing/host-for-tests.ts';
import type { Client } from './connection.ts';
import { sendPieces } from './send-pieces.ts';

const { host } = hostForTests();
let sandboxId: string;
beforeAll(async () => {
  const spec = { engine: 'process', source: { type: 'empty' } } as const;
  sandboxId = (await host.client.sandboxes.createAndWait({ spec })).id;
});
afterAll(async () => {
  await host.client.sandboxes.destroy({ id: sandboxId });
});

/** The host’s client; tells of each piece that has gone. */
function watched() {
  const gone: string[] = [];
  let told = Promise.withResolvers<void>();
  const { files } = host.client;
  const client = {
    files: {
      async appendWrite(input: { readonly writeId: string; readonly base64: string }) {
        await files.appendWrite(input);
        gone.push(Buffer.from(input.base64, 'base64').toString());
        told.resolve();
        told = Promise.withResolvers();
      },
      finishWrite: files.finishWrite,
      cancelWrite: files.cancelWrite,
    },
  } as unknown as Client;
  const until = async (what: string) => {
    while (!gone.includes(what)) await told.promise;
  };
  return { client, until };
}

it('sends what there is, and signs of life, while its source has no more', async () => {
  const { client, until } = watched();
  const slow = async function* () {
    yield Buffer.from('one ');
    await until('one ');
    await until('');
    yield Buffer.from('two');
  };
  const { writeId } = await host.client.files.beginWrite({ sandboxId, path: 'slow' });
  await sendPieces(client, writeId, slow(), { quietMs: 20 });
  const { content } = await host.client.files.readWhole({ sandboxId, path: 'slow', encoding: 'utf8' });
  expect(content).toBe('one two');
});

it('ends with an abort, also while its source has nothing', async () => {
  const { client, until } = watched();
  const stop = new AbortController();
  const silent = async function* () {
    await new Promise<never>(() => undefined);
  };
  const { writeId } = await host.client.files.beginWrite({ sandboxId, path: 'never' });
  const sent = sendPieces(client, writeId, silent(), { quietMs: 20, signal: stop.signal });
  const refused = expect(sent).rejects.toThrow('enough');
  await until('');
  stop.abort(new Error('enough'));
  await refused;
  expect(await failure(host.client.files.stat({ sandboxId, path: 'never' }))).toMatchObject({ code: 'not_found' });
});
