import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../engine-contract/fixture.ts';
import { ROOTFUL_SOCKET } from './endpoint.ts';
import { createPodmanEngine } from './podman-engine.ts';
import { createPodmanService } from './service.ts';
import { listens } from './socket.ts';
import { type Bench, createBench, describePodman } from './test-support.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tt-missing-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const probe = async (env: Readonly<Record<string, string>>) => {
  const engine = createPodmanEngine({ owner: 'nobody', state: home, home, env });
  try {
    return await engine.probe();
  } finally {
    await engine.dispose();
  }
};

describe('podman: where it cannot be used', () => {
  it('is unreachable at a socket that nobody serves, named by whom', async () => {
    const report = await probe({ PATH: '', CONTAINER_HOST: `unix://${home}/none.sock` });
    expect(report).toMatchObject({
      status: 'unreachable',
      reason: `Podman does not answer at ${home}/none.sock, named by CONTAINER_HOST`,
      hint: expect.stringContaining('podman.socket'),
    });
  });

  it('is not taken for what else answers there', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ Version: '20.10', Components: [{ Name: 'Engine' }] }));
    });
    const path = join(home, 'docker.sock');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      const report = await probe({ PATH: '', CONTAINER_HOST: `unix://${path}` });
      expect(report).toMatchObject({ status: 'unreachable', reason: expect.stringContaining('is not Podman') });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('says that it is too old', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ Version: '3.0.1', Components: [{ Name: 'Podman Engine' }] }));
    });
    const path = join(home, 'old.sock');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      const report = await probe({ PATH: '', CONTAINER_HOST: `unix://${path}` });
      expect(report).toMatchObject({ status: 'unreachable', hint: expect.stringContaining('4.0') });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('passes on why its service does not start, and does not try again at once', async () => {
    const program = join(home, 'podman');
    const tries = join(home, 'tries');
    await writeFile(program, `#!/bin/sh\necho x >> ${tries}\necho "Error: no subuid ranges found" >&2\nexit 125\n`);
    await chmod(program, 0o755);
    const service = createPodmanService({ program, folder: home, env: process.env, log: pino({ enabled: false }) });
    const failure = {
      code: 'engine_unavailable',
      message: expect.stringContaining('no subuid ranges found'),
      hint: expect.stringContaining('systemctl --user enable --now podman.socket'),
    };
    await expect(service.ensure()).rejects.toMatchObject(failure);
    await expect(service.ensure()).rejects.toMatchObject(failure);
    expect(await readFile(tries, 'utf8')).toBe('x\n');
    await service.stop();
  });

  it('asks a new service when the one that it asked is killed', async ({ skip }) => {
    const isServed = process.getuid?.() === 0 && (await listens(ROOTFUL_SOCKET));
    skip(isServed, 'the system’s own Podman serves root here, and is found first');
    const tries = join(home, 'tries');
    const script = `#!${process.execPath}
      const { appendFileSync, readFileSync } = require('node:fs');
      appendFileSync(${JSON.stringify(tries)}, 'x');
      const isFirst = readFileSync(${JSON.stringify(tries)}, 'utf8') === 'x';
      require('node:http').createServer((request, response) => {
        if (isFirst) process.kill(process.pid, 'SIGKILL');
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ Version: '3.0.1', Components: [{ Name: 'Podman Engine' }] }));
      }).listen(process.argv.at(-1).slice('unix://'.length));`;
    const folder = join(home, 'bin');
    await mkdir(folder);
    await writeFile(join(folder, 'podman'), script);
    await chmod(join(folder, 'podman'), 0o755);
    const report = await probe({ PATH: folder, XDG_RUNTIME_DIR: home });
    expect(report.reason).toBe('Podman 3.0.1 is too old for Terrarium');
    expect(await readFile(tries, 'utf8')).toBe('xx');
  });
});

await describePodman('podman: without an init', (podman) => {
  it('says what to install when a sandbox cannot be made', async () => {
    const conf = join(home, 'containers.conf');
    const own = await readFile(podman.env.CONTAINERS_CONF ?? '', 'utf8');
    await writeFile(conf, own.replace('[engine]', '[engine]\ninit_path = "/no/such/catatonit"'));
    const socket = join(home, 'p.sock');
    // With it the podman command would only talk to another service.
    const { CONTAINER_HOST: _, ...rest } = process.env;
    const env = { ...rest, ...podman.env, CONTAINERS_CONF: conf };
    const service = spawn('podman', ['system', 'service', '--time=30', `unix://${socket}`], { env, stdio: 'ignore' });
    let bench: Bench | undefined;
    try {
      await until('the service', () => listens(socket));
      bench = await createBench({ ...podman, socket });
      await expect(bench.create()).rejects.toMatchObject({
        code: 'engine_unavailable',
        hint: expect.stringContaining('catatonit'),
      });
      expect((await bench.engine.list()).filter(({ owned }) => owned !== null)).toEqual([]);
    } finally {
      await bench?.dispose();
      service.kill();
    }
  });
});
