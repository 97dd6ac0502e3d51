import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pageHeaders } from '../page-headers.ts';
import { isOwnUrl, isPage } from './page-url.ts';
import { registerPageScheme, servePage } from './protocol.ts';
import { fake, protocol } from './testing/fake-electron.ts';

vi.mock('electron', () => import('./testing/fake-electron.ts'));

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'terrarium-page-'));
  await mkdir(join(parent, 'page/assets'), { recursive: true });
  await mkdir(join(parent, 'page-secret'));
  await writeFile(join(parent, 'page/index.html'), '<title>page</title>');
  await writeFile(join(parent, 'page/assets/a.js'), 'export {}');
  await writeFile(join(parent, 'page/assets/icon.svg'), '<svg/>');
  await writeFile(join(parent, 'page-secret/key'), 'secret');
  servePage(protocol, join(parent, 'page'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

async function get(url: string, method = 'GET'): Promise<Response> {
  const handler = fake.pages.get('app');
  if (!handler) throw new Error('nothing handles app://');
  // Electron hands over a Request of its own; Node's refuses nothing of what is read from it.
  return handler(new Request(url, { method }) as Parameters<typeof handler>[0]);
}

test('the scheme is a secure, standard origin, and nothing more', () => {
  registerPageScheme();
  expect(fake.schemes).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
});

test.each([
  ['app://terrarium/', 'text/html; charset=utf-8', '<title>page</title>'],
  ['app://terrarium/?a=b#c', 'text/html; charset=utf-8', '<title>page</title>'],
  ['app://terrarium/assets/a.js', 'text/javascript; charset=utf-8', 'export {}'],
  ['app://terrarium/assets/icon.svg', 'image/svg+xml; charset=utf-8', '<svg/>'],
])('%s is served as %s', async (url, type, body) => {
  const response = await get(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe(type);
  expect(await response.text()).toBe(body);
});

test("every answer carries the web host's policy", async () => {
  for (const url of ['app://terrarium/', 'app://terrarium/nothing']) {
    const { headers } = await get(url);
    for (const [name, value] of Object.entries(pageHeaders)) expect(headers.get(name)).toBe(value);
  }
});

test.each([
  ['app://terrarium/../page-secret/key'],
  ['app://terrarium/%2e%2e/page-secret/key'],
  ['app://terrarium/..%2fpage-secret%2fkey'],
  ['app://terrarium/%2fetc%2fpasswd'],
  ['app://terrarium//etc/passwd'],
  ['app://terrarium/assets'],
  ['app://terrarium/index.html%00.js'],
  ['app://terrarium/%zz'],
  ['app://elsewhere/'],
  ['app://terrarium:1/'],
])('%s is not found', async (url) => {
  expect((await get(url)).status).toBe(404);
});

test('only reading is allowed', async () => {
  expect((await get('app://terrarium/', 'POST')).status).toBe(405);
  expect(await (await get('app://terrarium/', 'HEAD')).text()).toBe('');
});

test.each([
  ['app://terrarium/', true, true],
  ['app://terrarium/?a#b', true, true],
  ['app://terrarium/assets/a.js', true, false],
  ['app://terrarium.example.com/', false, false],
  ['app://terrarium@example.com/', false, false],
  ['http://terrarium/', false, false],
  ['file:///terrarium/', false, false],
  ['', false, false],
])('%s: ours %s, the page %s', (url, own, page) => {
  expect([isOwnUrl(url), isPage(url)]).toEqual([own, page]);
});
