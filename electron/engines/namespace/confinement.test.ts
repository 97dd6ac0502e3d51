import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { hostAddresses } from '../engine-contract/beacon.ts';
import { processesWith, run, sh, uniqueSleep, until } from '../engine-contract/fixture.ts';
import { createTestEngine, describeNamespace } from './test-support.ts';

await describeNamespace('namespace: programs inside', () => {
  it('see the same processes, files of /tmp and host name, whatever started them', async () => {
    await using test = await createTestEngine();
    const marker = uniqueSleep();
    const { ref } = await test.running({ name: 'My box', command: ['sh', '-c', `touch /tmp/shared; sleep ${marker}`] });
    await until('the file', async () => (await run(test.engine, ref, ['test', '-e', '/tmp/shared'])).exit.code === 0);
    const script = `hostname; cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -c "sleep ${marker}"; id -un; pwd`;
    expect((await run(test.engine, ref, sh(script))).stdout.toString()).toBe('my-box\n1\nnobody\n/workspace\n');
    await run(test.engine, ref, sh(`pkill -f "sleep ${marker}$"; exit 0`));
    await until('its end', async () => (await test.engine.inspect(ref)).state === 'stopped');
  });

  it('are what they were asked to be: ordinary programs work in every profile', async () => {
    await using test = await createTestEngine();
    for (const profile of ['trusted', 'standard', 'strict'] as const) {
      const { ref } = await test.running({ profile });
      const script =
        'perl -e "print fork() ? wait() > 0 : exit 0"; (echo a; echo b) | sort -r | tr "\\n" " "; date +%Y >/dev/null && bash -c "echo fine"';
      const { stdout } = await run(test.engine, ref, sh(script));
      expect([profile, stdout.toString()]).toEqual([profile, '1b a fine\n']);
    }
  });

  it('get no library of the workspace loaded outside', async () => {
    await using test = await createTestEngine();
    const { ref, workspace } = await test.running({ env: { LD_PRELOAD: '/workspace/evil.so' } });
    await writeFile(join(workspace ?? '', 'evil.so'), 'no library');
    const { stderr, exit } = await run(test.engine, ref, ['true'], { env: { LD_LIBRARY_PATH: '/workspace' } });
    expect(exit.code).toBe(0);
    // Only the program itself looks for it: neither what joins the sandbox nor the shell that starts the program.
    expect(stderr.toString().match(/evil\.so/g)).toHaveLength(1);
  });

  it('keep their environment from other users of this machine', async () => {
    await using test = await createTestEngine();
    const marker = uniqueSleep();
    const secret = `secret-${marker}`;
    const { ref } = await test.running({ env: { TOKEN: secret }, command: ['sleep', marker] });
    await until('it to run', async () => (await processesWith(marker)).length > 0);
    const { stdout } = await run(test.engine, ref, sh('echo "$TOKEN"'));
    expect(stdout.toString().trim()).toBe(secret);
    const lines = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
    const telling = lines.filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(secret);
      } catch {
        return false; // ended meanwhile
      }
    });
    expect(telling).toEqual([]);
  });

  it('go on after the kernel has killed one of them for its memory', async (context) => {
    await using test = await createTestEngine();
    const { capabilities } = await test.engine.probe();
    if (capabilities.limits.memoryBytes.support !== 'enforced') context.skip('there are no cgroups');
    const { ref } = await test.running({ limits: { memoryBytes: 64 * 1024 * 1024 } });
    const hog = await run(test.engine, ref, sh('head -c 300000000 /dev/zero | tail >/dev/null'));
    expect(hog.exit.limit).toBe('memoryBytes');
    expect((await run(test.engine, ref, sh('kill -9 $$'))).exit.limit).toBeUndefined();
    await test.engine.updateLimits(ref, { memoryBytes: 512 * 1024 * 1024 });
    expect((await run(test.engine, ref, sh('head -c 300000000 /dev/zero | tail >/dev/null'))).exit.code).toBe(0);
    expect((await test.engine.sample([ref])).get(ref)?.memoryLimitBytes).toBe(512 * 1024 * 1024);
  });

  it('outlive the host that started them', async () => {
    await using test = await createTestEngine();
    const marker = uniqueSleep();
    const script = `
      import { createTestEngine } from ${JSON.stringify(new URL('./test-support.ts', import.meta.url).href)};
      const test = await createTestEngine(${JSON.stringify(test.home)});
      const { ref } = await test.running({ command: ['sh', '-c', 'sleep ${marker}; exit 7'] });
      console.log(ref);
      setInterval(() => undefined, 1000);
    `;
    const host = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [ref] = (await once(createInterface(host.stdout), 'line')) as [string];
    await until('the program', async () => (await processesWith(marker)).length > 0);
    host.kill('SIGKILL');
    await once(host, 'exit');
    expect(await test.engine.inspect(ref)).toMatchObject({ state: 'running' });
    expect((await run(test.engine, ref, sh('echo adopted; pkill sleep'))).stdout.toString()).toBe('adopted\n');
    await until('its end', async () => (await test.engine.inspect(ref)).state === 'stopped');
    expect((await test.engine.inspect(ref)).exit).toMatchObject({ code: 7 });
  });

  it('reach out with the network full, and not to this machine’s loopback', async (context) => {
    await using test = await createTestEngine();
    const { capabilities } = await test.engine.probe();
    const { support, note = '' } = capabilities.network.full;
    if (support !== 'enforced') context.skip(note);
    let reached = 0;
    const server = createServer((socket) => {
      reached += 1;
      socket.end('here');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    const { ref } = await test.running({ network: { mode: 'full' } });
    for (const address of ['127.0.0.1', '10.0.2.2', '10.0.2.3', ...hostAddresses()]) {
      const { stdout } = await run(test.engine, ref, ['bash', '-c', `exec 3<>/dev/tcp/${address}/${port} && cat <&3`]);
      expect([address, stdout.toString()]).toEqual([address, '']);
    }
    expect(reached).toBe(0);
    const slirp = async () => (await processesWith('--disable-host-loopback')).length;
    const running = await slirp();
    server.close();
    await test.engine.stop(ref, 200);
    await until('its network to end', async () => (await slirp()) < running);
  });

  it('publish ports on this machine’s loopback, chosen once', async (context) => {
    await using test = await createTestEngine();
    const { capabilities } = await test.engine.probe();
    const { support, note = '' } = capabilities.features.ports;
    if (support !== 'enforced') context.skip(note);
    const network = { mode: 'full' } as const;
    const server = 'while :; do echo served | busybox nc -l -p 8080 >/dev/null; done';
    const spec = { network, ports: [{ port: 8080 }], command: ['sh', '-c', server] };
    const [one, two] = [await test.running(spec), await test.running(spec)];
    const [first, second] = [one.ports[0], two.ports[0]];
    expect(first).toMatchObject({ port: 8080, hostIp: '127.0.0.1', protocol: 'tcp' });
    expect(first?.hostPort).not.toBe(second?.hostPort);
    const ask = () =>
      new Promise<string>((resolve) => {
        const connection = connect(first?.hostPort ?? 0, '127.0.0.1');
        let said = '';
        connection.on('data', (chunk) => {
          said += String(chunk);
        });
        connection.on('error', () => resolve(''));
        connection.on('close', () => resolve(said));
      });
    await until('the server', async () => (await ask()) === 'served\n');
    await test.engine.stop(one.ref, 100);
    await until('the port to be closed', async () => (await ask()) === '');
    expect((await test.engine.start(one.ref)).ports).toEqual(one.ports);
    await until('the server again', async () => (await ask()) === 'served\n');

    const taken = test.create({ network, ports: [{ port: 80, hostPort: second?.hostPort }] });
    await expect(taken).rejects.toMatchObject({ code: 'conflict', details: { field: 'ports.0.hostPort' } });
  });
});
