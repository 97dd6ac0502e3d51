import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import { openTerminal, processesWith, run, sh, uniqueSleep, until } from '../engine-contract/fixture.ts';
import type { OciClient } from '../oci/client.ts';
import { connectTo } from '../oci/connection.ts';
import { dockerDialect } from '../oci/docker-dialect.ts';
import { createMarker } from '../oci/exec-kill.ts';
import { startExec } from '../oci/exec-session.ts';
import { findEndpoint } from './endpoint.ts';
import { type Bench, createBench, createTestEngine, describeDocker, docker } from './test-support.ts';

await describeDocker('docker: execs and consoles', () => {
  let bench: Bench;
  const owner = randomBytes(6).toString('hex');
  beforeAll(async () => {
    bench = await createBench(createTestEngine(owner));
  });
  afterEach(() => bench.clear());
  afterAll(() => bench.dispose());

  const gone = (marker: string) => until('it to be gone', async () => (await processesWith(marker)).length === 0);

  it('kills a process with a clean environment with the exec that started it', async () => {
    const { ref } = await bench.running();
    const marker = uniqueSleep();
    const controller = new AbortController();
    const running = run(bench.engine, ref, sh(`env -i /bin/sleep ${marker}`), { signal: controller.signal });
    const failed = expect(running).rejects.toThrow('enough');
    await until('it to run', async () => (await processesWith(marker)).length === 1);
    controller.abort(new Error('enough'));
    await failed;
    await gone(marker);
  });

  it('leaves what other execs and the main program started alone', async () => {
    const [main, other, mine] = [uniqueSleep(), uniqueSleep(), uniqueSleep()];
    const { ref } = await bench.running({ command: ['sleep', main] });
    await run(bench.engine, ref, sh(`setsid sleep ${other} > /dev/null 2>&1 & exit 0`));
    const { console } = await openTerminal(bench.engine, ref, { argv: ['sleep', mine] });
    await until('all to run', async () => {
      const found = await Promise.all([main, other, mine].map(processesWith));
      return found.every((pids) => pids.length > 0);
    });
    await console.kill();
    await gone(mine);
    expect(await processesWith(main)).not.toEqual([]);
    expect(await processesWith(other)).not.toEqual([]);
  });

  it('opens the best shell there is, with colours, in the workspace', async () => {
    const { ref } = await bench.running();
    const { console, waitFor } = await openTerminal(bench.engine, ref);
    console.write('echo "<$TERM $PWD $(tty)>"\r');
    await waitFor('<xterm-256color /workspace /dev/pts/');
    await console.kill();
  });

  it('ends the consoles of a host that was killed, when the next one lists', async () => {
    const { ref } = await bench.running();
    const marker = uniqueSleep();
    const host = spawn(process.execPath, ['--input-type=module', '-e', hostScript(owner, ref, marker)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface(host.stdout), 'line');
    await until('its console to run', async () => (await processesWith(marker)).length === 1);
    host.kill('SIGKILL');
    await once(host, 'exit');
    expect(await processesWith(marker)).toHaveLength(1);

    const next = createTestEngine(owner);
    expect(await next.list()).toContainEqual(expect.objectContaining({ ref, state: 'running' }));
    await gone(marker);
    await next.dispose();
  });

  it('knows a dead host also when another process has its pid', async () => {
    const { ref } = await bench.running();
    const [old, own] = [uniqueSleep(), uniqueSleep()];
    const { name, value } = createMarker(`test ${owner}`);
    const [prefix, pid, , random] = value.split('.');
    await docker('exec', '-d', '-e', `${name}=${prefix}.${pid}.1.${random}`, ref, 'sleep', old);
    await docker('exec', '-d', '-e', `${name}=${value}`, ref, 'sleep', own);
    for (const marker of [old, own]) {
      await until('it to run', async () => (await processesWith(marker)).length === 1);
    }
    const next = createTestEngine(owner);
    await next.list();
    await gone(old);
    expect(await processesWith(own)).toHaveLength(1);
    await next.dispose();
  });

  it('ends a command whose output nobody could take', async () => {
    const { ref } = await bench.running();
    const marker = uniqueSleep();
    const running = bench.engine.exec(
      ref,
      { argv: sh(`echo go; sleep ${marker}`), env: {} },
      {
        signal: new AbortController().signal,
        async onOutput() {
          await until('it to run', async () => (await processesWith(marker)).length === 1);
          throw new Error('the disk is full');
        },
      },
    );
    await expect(running).rejects.toThrow();
    expect(await processesWith(marker)).toEqual([]);
  });

  it('ends a command whose start was never answered', async () => {
    const { ref } = await bench.running();
    const marker = uniqueSleep();
    const endpoint = findEndpoint({ env: process.env, home: homedir(), platform: process.platform, uid: null });
    const real = connectTo(endpoint, { engine: 'Docker', dialect: dockerDialect, log: pino({ enabled: false }) });
    const client: OciClient = {
      ...real,
      call: async (what, run, options) => {
        const result = await real.call(what, run, options);
        if (what !== 'start the command') return result;
        await until('it to run', async () => (await processesWith(marker)).length === 1);
        throw new AppError('engine_unavailable', 'Docker did not answer');
      },
    };
    const options = { argv: ['sleep', marker], env: {}, tty: false, stdin: false, marker: createMarker('nobody') };
    await expect(startExec(client, ref, options)).rejects.toMatchObject({ code: 'engine_unavailable' });
    await gone(marker);
    real.dispose();
  });

  describe('a failed start', () => {
    it('names the working directory that is a file', async () => {
      const { ref } = await bench.running();
      await expect(run(bench.engine, ref, ['true'], { workdir: '/etc/passwd' })).rejects.toMatchObject({
        name: 'AppError',
      });
    });

    it('does not take a program’s own words for the runtime’s', async () => {
      const { ref } = await bench.running();
      const { exit, stdout } = await run(bench.engine, ref, sh('printf "OCI runtime exec was fine"; exit 3'));
      expect({ code: exit.code, text: stdout.toString() }).toEqual({ code: 3, text: 'OCI runtime exec was fine' });
    });

    it('hears a program that begins in the runtime’s words and goes on and on', async () => {
      const { ref } = await bench.running();
      const controller = new AbortController();
      let bytes = 0;
      const running = bench.engine.exec(
        ref,
        { argv: sh('printf "OCI runtime exec failed"; head -c 20000 /dev/zero; sleep 1000'), env: {} },
        {
          signal: controller.signal,
          onOutput(_stream, chunk) {
            bytes += chunk.length;
          },
        },
      );
      const failed = expect(running).rejects.toThrow('enough');
      await until('all of it', () => bytes === 20_000 + 'OCI runtime exec failed'.length);
      controller.abort(new Error('enough'));
      await failed;
    });
  });
});

function hostScript(owner: string, ref: string, marker: string): string {
  const module = new URL('./docker-engine.ts', import.meta.url).href;
  return `
    import { createDockerEngine } from ${JSON.stringify(module)};
    const engine = createDockerEngine({ owner: ${JSON.stringify(`test ${owner}`)} });
    const terminal = await engine.openConsole(${JSON.stringify(ref)}, {
      argv: ['sh', '-c', 'setsid sleep ${marker}; true'], cols: 80, rows: 24,
    });
    terminal.onOutput(() => undefined);
    console.log('open');
    setInterval(() => undefined, 1000);
  `;
}
