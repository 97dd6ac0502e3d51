import { request } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { hostForTests } from '../testing/host-for-tests.ts';

const { host } = hostForTests();

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function call(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const sent = request({ host: '127.0.0.1', port: host.port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** `open`, or the status with which the upgrade was refused. */
function upgrade(headers: Record<string, string>, protocols: string[] = []): Promise<'open' | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, protocols, { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', reject);
  });
}

const origin = () => `http://127.0.0.1:${host.port}`;

async function redeem(token: string, headers: Record<string, string> = { Origin: origin() }): Promise<Answer> {
  return call('/auth', { method: 'POST', headers, body: JSON.stringify({ token }) });
}

async function freshToken(): Promise<string> {
  const answer = await call('/auth/link', { method: 'POST', headers: { Authorization: `Bearer ${host.token}` } });
  return (JSON.parse(answer.body) as { token: string }).token;
}

async function session(): Promise<{ cookie: string; key: string }> {
  const answer = await redeem(await freshToken());
  const [cookie = ''] = String(answer.headers['set-cookie']).split(';');
  return { cookie, key: (JSON.parse(answer.body) as { key: string }).key };
}

test('the link works once, and gives an HttpOnly cookie of this site alone', async () => {
  const token = await freshToken();
  const first = await redeem(token);
  expect(first.status).toBe(200);
  expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/);
  expect((await redeem(token)).status).toBe(401);
});

test.each([
  ['a token that was never given out', 'x'.repeat(43)],
  ['an empty token', ''],
  ['a very long token', 'x'.repeat(3000)],
])('%s is refused', async (_, token) => {
  expect((await redeem(token)).status).toBe(401);
});

test('a body that is too large or no JSON is refused and the host lives on', async () => {
  const tooLarge = await call('/auth', { method: 'POST', headers: { Origin: origin() }, body: 'x'.repeat(100_000) });
  expect(tooLarge.status).toBe(400);
  expect((await call('/auth', { method: 'POST', headers: { Origin: origin() }, body: '{' })).status).toBe(400);
  expect(await upgrade({ Authorization: `Bearer ${host.token}` })).toBe('open');
});

test.each(['evil.example', 'localhost', 'localhost:1', '127.0.0.1.evil.example:80'])(
  'the host name %j is refused (DNS rebinding)',
  async (name) => {
    expect((await call('/', { headers: { Host: name } })).status).toBe(403);
  },
);

test('another origin is refused on every path', async () => {
  const headers = { Origin: 'http://evil.example' };
  expect((await call('/', { headers })).status).toBe(403);
  expect((await redeem(await freshToken(), headers)).status).toBe(403);
});

test('a new link is only for the bearer of the token', async () => {
  expect((await call('/auth/link', { method: 'POST' })).status).toBe(401);
  const wrong = await call('/auth/link', { method: 'POST', headers: { Authorization: 'Bearer nonsense' } });
  expect(wrong.status).toBe(401);
});

test('a browser connects with cookie, key and its own origin', async () => {
  const { cookie, key } = await session();
  expect(await upgrade({ Cookie: cookie, Origin: origin() }, ['terrarium', key])).toBe('open');
});

test('a cookie without the key is refused: a sandbox that serves a page on 127.0.0.1 is sent the cookie too', async () => {
  const { cookie } = await session();
  expect(await upgrade({ Cookie: cookie, Origin: origin() })).toBe(401);
  expect(await upgrade({ Cookie: cookie, Origin: origin() }, ['terrarium', 'x'.repeat(43)])).toBe(401);
});

test('a WebSocket without any proof, from another origin, or without an origin is refused', async () => {
  const { cookie, key } = await session();
  expect(await upgrade({})).toBe(401);
  expect(await upgrade({ Origin: origin() })).toBe(401);
  expect(await upgrade({ Cookie: cookie, Origin: 'http://evil.example' }, ['terrarium', key])).toBe(403);
  expect(await upgrade({ Cookie: cookie, Origin: 'http://127.0.0.1:20000' }, ['terrarium', key])).toBe(403);
  expect(await upgrade({ Cookie: cookie }, ['terrarium', key])).toBe(401);
});

test('a wrong bearer token is refused, and a right one from another origin too', async () => {
  expect(await upgrade({ Authorization: 'Bearer nonsense' })).toBe(401);
  expect(await upgrade({ Authorization: `Bearer ${host.token}`, Origin: 'http://evil.example' })).toBe(403);
});

test('every answer forbids foreign scripts, frames and eval', async () => {
  const { headers } = await call('/');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe-eval');
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('a path that climbs out of the page folder finds nothing', async () => {
  for (const path of ['/../../package.json', '/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json']) {
    expect((await call(path)).status).toBe(404);
  }
});

test.each(['//', '//rpc', '/%'])('the path %j ends nothing, whatever it asks for', async (path) => {
  const status = await new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port: host.port,
      path,
      headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'x' },
    });
    sent.on('response', (response) => resolve(response.statusCode));
    sent.on('error', reject);
    sent.end();
  });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(await upgrade({ Authorization: `Bearer ${host.token}` })).toBe('open');
});

test('a page whose socket was refused can ask whether its cookie and key are still good', async () => {
  const { cookie, key } = await session();
  const check = (headers: Record<string, string>) => call('/auth/check', { method: 'POST', headers });
  expect((await check({ Origin: origin(), Cookie: cookie, 'X-Terrarium-Key': key })).status).toBe(200);
  expect((await check({ Origin: origin(), Cookie: cookie })).status).toBe(401);
  expect((await check({ Origin: origin(), 'X-Terrarium-Key': key })).status).toBe(401);
});
