import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEndpoint } from './endpoint.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'terrarium-endpoint-'));
  mkdirSync(join(home, '.docker'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const find = (env: Record<string, string> = {}) => findEndpoint({ env, home, platform: 'linux', uid: 4_000_000 });

function writeContext(name: string, endpoint: object, tls?: Readonly<Record<string, string>>): void {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(home, '.docker/contexts/meta', id);
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: endpoint } }));
  if (!tls) return;
  const folder = join(home, '.docker/contexts/tls', id, 'docker');
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(tls)) writeFileSync(join(folder, file), text);
}

describe('DOCKER_HOST', () => {
  it.each([
    ['unix:///run/x.sock', 'unix:///run/x.sock'],
    ['tcp://10.0.0.1:2375', 'tcp://10.0.0.1:2375'],
    ['10.0.0.1:2375', 'tcp://10.0.0.1:2375'],
    ['ssh://me@host', 'ssh://me@host'],
  ])('%s wins over everything', (value, url) => {
    writeContext('other', { Host: 'unix:///other.sock' });
    expect(find({ DOCKER_HOST: value, DOCKER_CONTEXT: 'other' })).toEqual({ url, origin: 'DOCKER_HOST', tls: null });
  });

  it('takes certificates from DOCKER_CERT_PATH', () => {
    for (const file of ['ca', 'cert', 'key']) writeFileSync(join(home, `${file}.pem`), file);
    const env = { DOCKER_HOST: 'tcp://h:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: home };
    expect(find(env).tls).toEqual({ ca: 'ca', cert: 'cert', key: 'key', verify: true });
  });
});

describe('the context', () => {
  it('is the one that the configuration names', () => {
    writeContext('remote', { Host: 'tcp://10.0.0.2:2376', SkipTLSVerify: true }, { 'ca.pem': 'CA', 'key.pem': 'KEY' });
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ auths: {}, currentContext: 'remote' }));
    expect(find()).toEqual({
      url: 'tcp://10.0.0.2:2376',
      origin: 'context remote',
      tls: { ca: 'CA', cert: null, key: 'KEY', verify: false },
    });
  });

  it('is DOCKER_CONTEXT’s before that', () => {
    writeContext('a', { Host: 'unix:///a.sock' });
    writeContext('b', { Host: 'unix:///b.sock' });
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'a' }));
    expect(find({ DOCKER_CONTEXT: 'b' })).toMatchObject({ url: 'unix:///b.sock', origin: 'context b' });
  });

  it('lies where DOCKER_CONFIG says', () => {
    writeContext('a', { Host: 'unix:///a.sock' });
    const env = { DOCKER_CONFIG: join(home, '.docker'), DOCKER_CONTEXT: 'a' };
    expect(findEndpoint({ env, home: '/nowhere', platform: 'linux', uid: null }).url).toBe('unix:///a.sock');
  });

  it('that does not exist is said so', () => {
    expect(() => find({ DOCKER_CONTEXT: 'gone' })).toThrow('The Docker context “gone” does not exist');
  });

  it('that cannot be read is said so', () => {
    writeContext('odd', []);
    expect(() => find({ DOCKER_CONTEXT: 'odd' })).toThrow('cannot be read');
  });
});

describe('the default', () => {
  it.each(['default', undefined])('is a usual socket with the context %s', (currentContext) => {
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ currentContext }));
    expect(find()).toMatchObject({ origin: 'default', tls: null });
    expect(find().url).toMatch(/^unix:\/\/.*docker\.sock$/);
  });

  it('survives a broken configuration, as Docker’s command does', () => {
    writeFileSync(join(home, '.docker/config.json'), '{broken');
    expect(find().origin).toBe('default');
  });
});
