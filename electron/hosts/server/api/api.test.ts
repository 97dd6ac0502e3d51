import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isContractProcedure } from '@orpc/contract';
import { Validator } from '@seriousme/openapi-schema-validator';
import { OpenAPIClientAxios } from 'openapi-client-axios';
import { describe, expect, it } from 'vitest';
import { isRouted } from '../../../../shared/contract/http-routes.ts';
import { contract } from '../../../../shared/contract/index.ts';
import { hostForTests } from '../../testing/host-for-tests.ts';
import { waitFor } from '../../testing/wait-for.ts';

const { home, host } = hostForTests();

const at = (path: string) => `http://127.0.0.1:${host.port}/api/v1${path}`;

interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

function ask(path: string, { method, body, headers, signal }: Asked = {}): Promise<Response> {
  return fetch(at(path), {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { Authorization: `Bearer ${host.token}`, 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
}

async function answer(path: string, asked?: Asked): Promise<{ readonly status: number; readonly body: never }> {
  const response = await ask(path, asked);
  return { status: response.status, body: (await response.json()) as never };
}

const spec = { engine: 'process', source: { type: 'empty' } } as const;

async function sandbox(name: string): Promise<string> {
  const { status, body } = await answer('/sandboxes', { body: { spec: { ...spec, name } } });
  expect([status, body]).toMatchObject([201, { name, state: 'running' }]);
  return (body as { readonly id: string }).id;
}

describe('the document', () => {
  const document = async () => (await fetch(at('/openapi.json'))).json();

  it('is OpenAPI 3.1, as an independent validator reads it', async () => {
    const path = join(home.path, 'openapi.json');
    await writeFile(path, JSON.stringify(await document()));
    const validator = new Validator();
    expect(await validator.validate(path)).toMatchObject({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has every call of the contract but those of consoles, which need a WebSocket', async () => {
    const calls = Object.entries(contract).flatMap(([group, procedures]) =>
      Object.entries(procedures).map(([name, procedure]) => ({ name: `${group}.${name}`, procedure })),
    );
    expect(calls.every(({ procedure }) => isContractProcedure(procedure))).toBe(true);
    const { paths } = (await document()) as { readonly paths: Record<string, Record<string, { operationId: string }>> };
    const told = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
    const routed = calls.filter(({ procedure }) => isRouted(procedure)).map(({ name }) => name);
    expect(told.toSorted()).toEqual(routed.toSorted());
    const others = calls.filter(({ procedure }) => !isRouted(procedure));
    expect(others.every(({ name }) => name.startsWith('consoles.'))).toBe(true);
  });

  it('is shown by a page that loads nothing from elsewhere', async () => {
    const page = await fetch(at('/docs'));
    const text = await page.text();
    const parts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part);
    expect(parts).toHaveLength(2);
    for (const part of parts) expect((await fetch(new URL(part, at('/docs')))).status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

describe('a generic client that knows the document only', () => {
  it('makes a sandbox, runs a command, changes it and destroys it', async () => {
    const made = new OpenAPIClientAxios({
      definition: at('/openapi.json'),
      axiosConfigDefaults: { headers: { Authorization: `Bearer ${host.token}` }, baseURL: at('') },
    });
    const client = await made.init();
    const call = async (id: string, params?: Record<string, string | number>, body?: unknown) => {
      const operation = client[id];
      if (!operation) throw new Error(`there is no ${id}`);
      return (await operation(params ?? {}, body)).data;
    };
    const { id } = await call('sandboxes.createAndWait', undefined, { spec: { ...spec, name: 'generic' } });
    expect(await call('sandboxes.get', { id })).toMatchObject({ name: 'generic', state: 'running' });
    const ran = await call(
      'executions.runAndWait',
      { sandboxId: id },
      { command: ['sh', '-c', 'cat; exit 4'], stdin: 'ü' },
    );
    expect(ran).toMatchObject({ stdout: 'ü', stderr: '', truncated: false, execution: { exit: { code: 4 } } });
    expect(await call('executions.list', { sandboxId: id, limit: 1 })).toHaveLength(1);
    expect(await call('sandboxes.update', { id }, { labels: { from: 'client' } })).toMatchObject({
      spec: { labels: { from: 'client' } },
    });
    await call('sandboxes.destroy', { id });
    await expect(call('sandboxes.get', { id })).rejects.toMatchObject({
      response: { status: 404, data: { code: 'not_found', message: expect.any(String) } },
    });
  });
});

describe('what is refused', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', { Authorization: 'Bearer wrong' }],
  ])('%s: 401', async (_name, headers) => {
    const response = await fetch(at('/sandboxes'), { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'denied', hint: expect.stringContaining('host.json') });
  });

  it('a page’s own session, which the socket takes: 401', async () => {
    const origin = `http://127.0.0.1:${host.port}`;
    const token = new URL(host.link).hash.replace('#token=', '');
    const granted = await fetch(`${origin}/auth`, {
      method: 'POST',
      headers: { Origin: origin },
      body: JSON.stringify({ token }),
    });
    const { key } = (await granted.json()) as { readonly key: string };
    const cookie = granted.headers.get('set-cookie')?.split(';')[0] ?? '';
    const headers = { Origin: origin, Cookie: cookie, 'X-Terrarium-Key': key };
    expect((await fetch(`${origin}/auth/check`, { method: 'POST', headers })).status).toBe(200);
    expect((await fetch(at('/sandboxes'), { headers })).status).toBe(401);
  });

  it('another page’s request, also with the token: 403', async () => {
    expect((await ask('/sandboxes', { headers: { Origin: 'http://example.org' } })).status).toBe(403);
  });

  it.each([
    ['a field that is wrong', '/sandboxes', { spec: { ...spec, name: '' } }, 400, 'spec.name'],
    ['a field that is not known', '/sandboxes', { spec, colour: 'red' }, 400, undefined],
    ['a number that is text in a body', '/sandboxes', { spec: { ...spec, ttlMs: '60000' } }, 400, 'spec.ttlMs'],
    ['a list for a table in a body', '/sandboxes', { spec: { ...spec, labels: ['a'] } }, 400, 'spec.labels'],
    ['a body that is no JSON', '/sandboxes', '{"spec":', 400, undefined],
    ['a query that is no number', '/events?limit=many', undefined, 400, 'limit'],
    ['an id that is none', '/sandboxes/nonsense', undefined, 400, 'id'],
    ['what an engine cannot hold', '/sandboxes', { spec: { ...spec, limits: { cpuCores: 1 } } }, 422, undefined],
  ])('%s', async (_name, path, body, status, field) => {
    const got = await answer(path, body === undefined ? {} : { body });
    expect(got).toMatchObject({ status, body: { code: expect.any(String), message: expect.any(String) } });
    if (field !== undefined) expect(got.body).toMatchObject({ details: { field } });
  });

  it('a path that is not there, and a body that is too long', async () => {
    for (const path of ['/nonsense', '', '/', '/%', '//', '/docs/nonsense'])
      expect(await answer(path)).toMatchObject({
        status: 404,
        body: { code: 'not_found', message: expect.any(String) },
      });
    const long = JSON.stringify({ spec: { ...spec, name: 'x'.repeat(25 * 1024 * 1024) } });
    expect(await answer('/sandboxes', { body: long })).toMatchObject({ status: 413, body: { code: 'limit_exceeded' } });
  });

  it.each([
    ['/system', 'POST', 'GET'],
    ['/sandboxes', 'DELETE', 'GET, POST'],
    ['/sandboxes/sbx_a', 'PUT', 'DELETE, GET, PATCH'],
    ['/openapi.json', 'POST', 'GET'],
    ['/docs', 'DELETE', 'GET'],
  ])('a method that %s does not take, and says which it takes', async (path, method, allowed) => {
    const response = await ask(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allowed]);
    expect(await response.json()).toMatchObject({ code: 'unsupported', hint: expect.any(String) });
  });

  it('says why in the same words wherever it is refused', async () => {
    const { port } = host;
    const refused = [
      ['nobody’s name for this machine', 'GET /api/v1/system HTTP/1.1\r\nHost: example.org\r\n', 403, 'denied'],
      ['no name at all', 'GET /api/v1/system HTTP/1.1\r\n', 403, 'denied'],
      [
        'another page',
        `GET /api/v1/system HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: http://a.b\r\n`,
        403,
        'denied',
      ],
      ['no token', `GET /api/v1/system HTTP/1.1\r\nHost: localhost:${port}\r\n`, 401, 'denied'],
      ['no HTTP', 'nonsense\r\n', 400, 'invalid_input'],
      [
        'headers without end',
        `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nA: ${'x'.repeat(70_000)}\r\n`,
        431,
        'limit_exceeded',
      ],
      ['a socket elsewhere', upgradeTo('/api/v1/system'), 404, 'not_found'],
      ['a socket without a token', upgradeTo('/rpc'), 401, 'denied'],
    ] as const;
    for (const [what, lines, status, code] of refused) {
      const got = await rawly(`${lines}${lines.includes('Connection') ? '' : 'Connection: close\r\n'}\r\n`);
      expect({ what, status: Number(got.split(' ')[1]) }).toEqual({ what, status });
      expect(JSON.parse(got.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code, message: expect.any(String) });
    }
  });
});

const upgradeTo = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost:${host.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`;

/** What comes back for these very bytes, until the connection is closed. */
async function rawly(bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: host.port });
  socket.end(bytes);
  return text(socket);
}

describe('streams', () => {
  it('are server-sent events, and end when their reader goes', async () => {
    const id = await sandbox('streamed');
    const gone = new AbortController();
    const response = await ask(`/sandboxes/${id}/executions/stream`, {
      body: { command: ['sh', '-c', 'echo begun; sleep 1000'] },
      signal: gone.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.includes('begun')) text += (await reader?.read())?.value ?? '';
    expect(text).toContain('event: message\ndata: {"type":"started"');
    gone.abort();
    await waitFor('the command to be killed', async () =>
      (await host.client.executions.list({ sandboxId: id, limit: 1 })).every(({ state }) => state === 'cancelled'),
    );
    await host.client.sandboxes.destroy({ id });
  });

  it('that fail say so as an AppError in the last event', async () => {
    const response = await ask('/sandboxes/stream', { body: { spec: { ...spec, limits: { cpuCores: 1 } } } });
    const events = (await response.text()).split('\n\n').filter((event) => event.includes('event: error'));
    expect(events).toHaveLength(1);
    const data = JSON.parse(/^data: (.*)$/m.exec(events[0] ?? '')?.[1] ?? '') as { readonly data: unknown };
    expect(data.data).toMatchObject({ code: 'unsupported', message: expect.any(String) });
  });

  it('a command whose caller goes away is killed', async () => {
    const id = await sandbox('abandoned');
    const gone = new AbortController();
    const asked = ask(`/sandboxes/${id}/executions`, { body: { command: ['sleep', '1000'] }, signal: gone.signal });
    await waitFor('the command', async () => (await host.client.executions.list({ sandboxId: id })).length === 1);
    gone.abort();
    await expect(asked).rejects.toThrow('aborted');
    await waitFor('the command to be killed', async () =>
      (await host.client.executions.list({ sandboxId: id })).every(({ state }) => state === 'cancelled'),
    );
    await host.client.sandboxes.destroy({ id });
  });

  it('a command is sent a signal, also before it says anything, and is told of when it is over', async () => {
    const id = await sandbox('signalled');
    const ran = answer(`/sandboxes/${id}/executions`, { body: { command: ['sleep', '1000'] } });
    let execution = '';
    await waitFor('the command', async () => {
      execution = (await host.client.executions.list({ sandboxId: id }))[0]?.id ?? '';
      return execution !== '';
    });
    const send = (signal: string) => answer(`/executions/${execution}/signal`, { body: { signal } });
    expect(await send('SIGSTOP')).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(await send('SIGTERM')).toMatchObject({ status: 200, body: { delivered: true } });
    expect((await ran).body).toMatchObject({ execution: { state: 'exited', exit: { signal: 'SIGTERM' } } });
    expect(await send('SIGTERM')).toMatchObject({ status: 200, body: { delivered: false } });
    execution = 'exe_0123456789abcdefghij';
    expect(await send('SIGTERM')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    await host.client.sandboxes.destroy({ id });
  });

  it('what a command writes beyond 16 MiB is left out, and said to be', async () => {
    const id = await sandbox('flooding');
    const { body } = await answer(`/sandboxes/${id}/executions`, {
      body: { command: ['sh', '-c', 'head -c 20000000 /dev/zero; echo end >&2'], encoding: 'base64' },
    });
    const { stdout, stderr, truncated } = body as { stdout: string; stderr: string; truncated: boolean };
    expect(truncated).toBe(true);
    expect(stderr).toBe('');
    const bytes = Buffer.from(stdout, 'base64');
    expect(bytes.length).toBeGreaterThan(15 * 1024 * 1024);
    expect(bytes.length).toBeLessThanOrEqual(16 * 1024 * 1024);
    await host.client.sandboxes.destroy({ id });
  });
});

describe('an idempotency key', () => {
  const create = (key: string, name?: string) =>
    answer('/sandboxes', { body: { spec: { ...spec, name } }, headers: { 'Idempotency-Key': key } });

  it('makes one sandbox, asked for twice at once, later, and after the host was killed', async () => {
    const [first, second] = await Promise.all([create('key-1', 'once'), create('key-1', 'once')]);
    expect([first.status, second.status]).toEqual([201, 201]);
    const { id } = first.body as { readonly id: string };
    expect(second.body).toMatchObject({ id });
    expect((await create('key-1', 'once')).body).toMatchObject({ id });
    await host.client.sandboxes.update({ id, labels: { mine: 'yes' } });
    await host.kill();
    await host.start();
    expect((await create('key-1', 'once')).body).toMatchObject({ id, spec: { labels: { mine: 'yes' } } });
    expect(await create('key-1', 'another')).toMatchObject({ status: 409, body: { details: { sandboxId: id } } });
    await host.client.sandboxes.destroy({ id });
    const again = await create('key-1', 'another');
    expect(again).toMatchObject({ status: 201, body: { name: 'another' } });
    await host.client.sandboxes.destroy({ id: (again.body as { readonly id: string }).id });
  });

  it('asks for one thing only, also at once; and one caller of two may leave', async () => {
    const asked = await Promise.all([create('key-3', 'this'), create('key-3', 'that')]);
    expect(asked.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const gone = new AbortController();
    const body = { spec: { ...spec, engine: 'wasm', runtime: 'quickjs', name: 'shared' } };
    const headers = { 'Idempotency-Key': 'key-4' };
    const leaving = ask('/sandboxes', { body, headers, signal: gone.signal });
    const staying = answer('/sandboxes', { body, headers });
    await waitFor('the making', async () =>
      (await host.client.sandboxes.list({})).some(({ name }) => name === 'shared'),
    );
    gone.abort();
    await expect(leaving).rejects.toThrow('aborted');
    expect(await staying).toMatchObject({ status: 201, body: { name: 'shared', state: 'running' } });
    for (const { id, foreign } of await host.client.sandboxes.list({}))
      if (!foreign) await host.client.sandboxes.destroy({ id });
  });

  it('that failed can be used again', async () => {
    const taken = await sandbox('taken');
    expect((await create('key-2', 'taken')).status).toBe(409);
    await host.client.sandboxes.destroy({ id: taken });
    const made = await create('key-2', 'taken');
    expect(made.status).toBe(201);
    await host.client.sandboxes.destroy({ id: (made.body as { readonly id: string }).id });
  });

  it('must be printable and not too long', async () => {
    expect(await create('x'.repeat(256))).toMatchObject({
      status: 400,
      body: { details: { field: 'Idempotency-Key' } },
    });
  });
});
