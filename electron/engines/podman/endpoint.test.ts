import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseServices } from './connections.ts';
import { configuredEndpoint, type PodmanSources, usualSockets } from './endpoint.ts';
import { installSteps, startSteps } from './unavailable.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'terrarium-endpoint-'));
  mkdirSync(join(home, '.config/containers'), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const sources = (env: PodmanSources['env'] = {}, platform: NodeJS.Platform = 'linux', uid = 1000): PodmanSources => ({
  env,
  home,
  platform,
  uid,
  root: join(home, 'root'),
});
const keepAt = (file: string, text: string) => {
  mkdirSync(dirname(join(home, file)), { recursive: true });
  writeFileSync(join(home, file), text);
};
const keep = (file: string, text: string) => writeFileSync(join(home, '.config/containers', file), text);

const CONF = `[containers]
default_ulimits = ["nofile=4096:4096"]
[engine]
  active_service = "box"
  [engine.service_destinations]
    [engine.service_destinations.box]
      uri = "unix:///run/box.sock"
    [engine.service_destinations.far]
      uri = "ssh://core@far.example:2222/run/user/1000/podman/podman.sock"
      identity = "/home/me/.ssh/far"
`;

describe('the Podman that the user has chosen', () => {
  it('is nobody’s by default', () => {
    expect(configuredEndpoint(sources())).toBeNull();
  });

  it('is CONTAINER_HOST’s before any other', () => {
    keep('containers.conf', CONF);
    expect(configuredEndpoint(sources({ CONTAINER_HOST: 'tcp://127.0.0.1:8080' }))).toMatchObject({
      url: 'tcp://127.0.0.1:8080',
      origin: 'CONTAINER_HOST',
    });
    expect(configuredEndpoint(sources({ CONTAINER_HOST: '/a/b.sock' }))?.url).toBe('unix:///a/b.sock');
  });

  it('is the default connection’s of Podman 4', () => {
    keep('containers.conf', CONF);
    expect(configuredEndpoint(sources())).toMatchObject({ url: 'unix:///run/box.sock', origin: 'connection box' });
  });

  it('is the default connection’s of Podman 5', () => {
    const Connections = { new: { URI: 'unix:///run/new.sock', IsMachine: false } };
    keep('podman-connections.json', JSON.stringify({ Connection: { Default: 'new', Connections }, Farm: {} }));
    expect(configuredEndpoint(sources())).toMatchObject({ url: 'unix:///run/new.sock', origin: 'connection new' });
  });

  it('says how to reach one behind ssh', () => {
    keep('containers.conf', CONF);
    expect(() => configuredEndpoint(sources({ CONTAINER_CONNECTION: 'far' }))).toThrow(
      expect.objectContaining({
        code: 'engine_unavailable',
        hint: expect.stringContaining(
          'ssh -nNT -L /tmp/podman-remote.sock:/run/user/1000/podman/podman.sock far.example:2222',
        ),
      }),
    );
  });

  it('is that of the machine on macOS, by its socket on this side', () => {
    keep('containers.conf', CONF.replace('"box"', '"far"'));
    expect(configuredEndpoint(sources({}, 'darwin', 501))).toBeNull();
    expect(usualSockets(sources({ TMPDIR: '/t' }, 'darwin', 501))).toContain(
      '/t/podman/podman-machine-default-api.sock',
    );
  });

  it('does not go on with another when the one that is named is not there', () => {
    expect(() => configuredEndpoint(sources({ CONTAINER_CONNECTION: 'gone' }))).toThrow('“gone” does not exist');
  });

  it.each([
    ['quoted singly, after a comment', `[engine] # mine\nactive_service = 'box' # the usual one\n`],
    ['with dotted keys', `engine.active_service = "box"\n`],
    ['in an inline table', `engine = { active_service = "box" }\n`],
  ])('is read as TOML is written: %s', (_how, active) => {
    expect(parseServices(active, 'a').active).toBe('box');
    const uris = [
      `[engine.service_destinations]\nbox = { uri = "unix:///a.sock" }\n`,
      `[engine.service_destinations."box"]\nuri = 'unix:///a.sock' # here\n`,
      `[engine]\nservice_destinations.box.uri = "unix:///a.sock"\n`,
    ];
    for (const toml of uris) expect(parseServices(toml, 'a').urls).toEqual({ box: 'unix:///a.sock' });
  });

  it('is read of a file that says nothing of connections, and never of one that is no TOML', () => {
    expect(parseServices('[containers]\nlog_driver = "k8s-file"\n', 'a')).toEqual({ urls: {} });
    expect(() => parseServices('[engine]\nactive_service = box\n', '/etc/a.conf')).toThrow(
      expect.objectContaining({ code: 'engine_unavailable', message: expect.stringContaining('/etc/a.conf') }),
    );
  });

  it('is read of all files, the later ones before the earlier', () => {
    const service = (name: string, uri: string) => `[engine.service_destinations.${name}]\nuri = "unix://${uri}"\n`;
    const active = (name: string) => `[engine]\nactive_service = "${name}"\n`;
    const url = (env = {}) => configuredEndpoint(sources(env))?.url;
    keepAt('root/usr/share/containers/containers.conf', service('one', '/share') + service('two', '/share'));
    expect(url()).toBeUndefined();
    keepAt('root/etc/containers/containers.conf', active('one') + service('two', '/etc'));
    expect(url()).toBe('unix:///share');
    keepAt('root/etc/containers/containers.conf.d/20-last.conf', active('two'));
    keepAt('root/etc/containers/containers.conf.d/10-first.conf', active('one'));
    keepAt('root/etc/containers/containers.conf.d/30-not.txt', active('one'));
    expect(url()).toBe('unix:///etc');
    keep('containers.conf', service('two', '/user'));
    expect(url()).toBe('unix:///user');
    keepAt('override.conf', service('two', '/override'));
    const CONTAINERS_CONF_OVERRIDE = join(home, 'override.conf');
    expect(url({ CONTAINERS_CONF_OVERRIDE })).toBe('unix:///override');
    keepAt('only.conf', service('two', '/only'));
    const CONTAINERS_CONF = join(home, 'only.conf');
    expect(url({ CONTAINERS_CONF })).toBeUndefined();
    expect(url({ CONTAINERS_CONF, CONTAINER_CONNECTION: 'two' })).toBe('unix:///only');
    expect(url({ CONTAINERS_CONF, CONTAINERS_CONF_OVERRIDE, CONTAINER_CONNECTION: 'two' })).toBe('unix:///override');
  });
});

it('looks for the user’s own socket, and for root’s as root only', () => {
  expect(usualSockets(sources({ XDG_RUNTIME_DIR: '/run/user/7' }))).toEqual(['/run/user/7/podman/podman.sock']);
  expect(usualSockets(sources({}))).toEqual(['/run/user/1000/podman/podman.sock']);
  expect(usualSockets(sources({}, 'linux', 0))).toEqual(['/run/podman/podman.sock']);
});

it('says what to type where it is missing, and where it does not run', () => {
  expect(installSteps({ platform: 'darwin' })).toContain('brew install podman');
  expect(installSteps({ platform: 'linux' }, 'ID=ubuntu\nID_LIKE=debian\n')).toMatch(
    /^sudo apt-get install podman .*uidmap/,
  );
  expect(installSteps({ platform: 'linux' }, 'ID=fedora\n')).toBe('sudo dnf install podman');
  expect(installSteps({ platform: 'linux' }, 'ID=arch\n')).toMatch(/apt-get.*dnf.*other systems/);
  expect(startSteps({ platform: 'linux', uid: 1000 })).toContain('systemctl --user enable --now podman.socket');
  expect(startSteps({ platform: 'darwin', uid: 501 })).toContain('podman machine start');
});
