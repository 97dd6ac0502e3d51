import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
});
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

  it('is read of a file that says nothing of connections', () => {
    expect(parseServices('[containers]\nlog_driver = "k8s-file"\n')).toEqual({ urls: {} });
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
