import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findRegistryAuth, registryOf } from './registry-auth.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'terrarium-auth-'));
  mkdirSync(join(home, '.docker'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const find = (reference: string, config: object) => {
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify(config));
  const env = { PATH: `${home}:${process.env.PATH ?? ''}` };
  return findRegistryAuth({ env, home, platform: 'linux', uid: null }, reference, pino({ enabled: false }));
};
const auth = Buffer.from('me:pass:word').toString('base64');

it.each([
  ['busybox', 'https://index.docker.io/v1/'],
  ['me/app:1', 'https://index.docker.io/v1/'],
  ['docker.io/library/busybox', 'https://index.docker.io/v1/'],
  ['registry.example/app', 'registry.example'],
  ['127.0.0.1:5000/app', '127.0.0.1:5000'],
  ['localhost/app', 'localhost'],
])('knows the registry of %s', (reference, registry) => {
  expect(registryOf(reference)).toBe(registry);
});

it('finds what docker login wrote', async () => {
  const config = { auths: { 'registry.example': { auth } } };
  const expected = { username: 'me', password: 'pass:word', serveraddress: 'registry.example' };
  expect(await find('registry.example/app', config)).toEqual(expected);
  expect(await find('other.example/app', config)).toBeUndefined();
});

it('asks the credential helper', async () => {
  const helper = join(home, 'docker-credential-test');
  writeFileSync(helper, '#!/bin/sh\nread registry\nprintf \'{"Username":"me","Secret":"for %s"}\' "$registry"\n');
  chmodSync(helper, 0o755);
  const found = await find('registry.example/app', { credsStore: 'test' });
  expect(found).toEqual({ username: 'me', password: 'for registry.example', serveraddress: 'registry.example' });
});

it('goes on as anybody when the helper is not there, or nothing is configured', async () => {
  expect(await find('registry.example/app', { credsStore: 'gone' })).toBeUndefined();
  expect(await find('registry.example/app', {})).toBeUndefined();
});
