import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Execution } from '../../../shared/contract/executions.ts';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { describeNamespace } from '../../engines/namespace/test-support.ts';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { waitFor } from '../testing/wait-for.ts';
import { interruption } from './interruption.ts';
import { program } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const FOREVER = 'while :; do sleep 0.1; done';
const bench = withHost();

/** `terrarium` with what it has said so far. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { env: bench.env(), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.resume();
  const closed = once(child, 'close');
  return { child, closed, said: () => said, until: (text: string) => waitFor(text, async () => said.includes(text)) };
}

const exec = (name: string, script: string) => start('exec', name, '--', 'sh', '-c', script);

async function lastOf(name: string): Promise<Execution | undefined> {
  const { id } = (await bench.client().sandboxes.list({})).find((sandbox) => sandbox.name === name) ?? { id: '' };
  return (await bench.client().executions.list({ sandboxId: id, limit: 1 }))[0];
}

describe('the same signal', () => {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = new Map(names.map((name) => [name, process.listeners(name)]));
  afterEach(() => {
    for (const name of names) {
      for (const listener of process.listeners(name)) {
        if (!before.get(name)?.includes(listener)) process.off(name, listener);
      }
    }
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s twice at once is one request, and later is another', (name) => {
    let now = 1000;
    const { signal, passNext } = interruption(() => now);
    const passed: string[] = [];
    passNext(async (each) => void passed.push(each));
    for (const at of [1000, 1001, 1150]) {
      now = at;
      process.emit(name, name);
    }
    expect([passed, signal.aborted]).toEqual([[name], false]);
    now = 1200;
    process.emit(name, name);
    expect([passed, signal.reason]).toEqual([[name], name]);
  });

  it('SIGHUP is one request however late the shell tells it, and any other is another', () => {
    let now = 0;
    const { signal, passNext } = interruption(() => now);
    const passed: string[] = [];
    passNext(async (each) => void passed.push(each));
    process.emit('SIGHUP', 'SIGHUP');
    now = 60_000;
    process.emit('SIGHUP', 'SIGHUP');
    expect([passed, signal.aborted]).toEqual([['SIGHUP'], false]);
    process.emit('SIGINT', 'SIGINT');
    expect(signal.reason).toBe('SIGINT');
  });
});

function suite(name: string): void {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s reaches a command, whose own code is the end',
    async (signal) => {
      const { child, closed, said, until } = exec(
        name,
        `trap 'echo tidied up; exit 3' ${signal.slice(3)}; echo begun; ${FOREVER}`,
      );
      await until('begun');
      // As `timeout` does: the program, and then its group.
      child.kill(signal);
      child.kill(signal);
      expect(await closed).toEqual([3, null]);
      expect(said()).toBe('begun\ntidied up\n');
      expect(await lastOf(name)).toMatchObject({ state: 'exited', exit: { code: 3 } });
    },
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a command that does not care for it', async (signal, code) => {
    const { child, closed, until } = exec(name, 'echo begun; exec sleep 1000');
    await until('begun');
    child.kill(signal);
    expect(await closed).toEqual([code, null]);
    expect(await lastOf(name)).toMatchObject({ state: 'exited' });
  });

  it('the second kills a command that goes on', async () => {
    const { child, closed, until } = exec(name, `trap 'echo no' INT; echo begun; ${FOREVER}`);
    await until('begun');
    child.kill('SIGINT');
    await until('no');
    // Another one, which needs no time in between.
    child.kill('SIGTERM');
    expect(await closed).toEqual([143, null]);
    await waitFor('the command to be killed', async () => (await lastOf(name))?.state === 'cancelled');
  });
}

describe('process', () => {
  beforeAll(() => bench.create({ name: 'plain' }));
  suite('plain');

  it('run destroys its sandbox after a command has ended by a signal', async () => {
    const script = `trap 'exit 3' INT; echo begun; ${FOREVER}`;
    const { child, closed, until } = start('run', '--engine', 'process', '--name', 'passing', '--', 'sh', '-c', script);
    await until('begun');
    child.kill('SIGINT');
    expect(await closed).toEqual([3, null]);
    expect((await bench.client().sandboxes.list({})).map(({ name }) => name)).not.toContain('passing');
  });

  it('a command ends in its own way when the terminal is closed, though nobody reads what it says', async () => {
    const script = `trap 'echo goodbye; sleep 0.5; echo goodbye; touch tidied; exit 3' HUP; echo begun; ${FOREVER}`;
    const terminal = bench.onTerminal('exec', 'plain', '--', 'sh', '-c', script);
    await terminal.until('begun');
    // All of the terminal, and not only the program in it: that is how the program hears of it.
    (terminal.pty as unknown as { readonly destroy: () => void }).destroy();
    await waitFor('the command to end', async () => (await lastOf('plain'))?.state !== 'running');
    expect(await lastOf('plain')).toMatchObject({ state: 'exited', exit: { code: 3 } });
    expect((await bench.run('exec', 'plain', '--', 'test', '-e', 'tidied')).code).toBe(0);
  });

  it('the third ends terrarium, also when the host does not answer', async () => {
    const { child, closed, until } = exec('plain', `echo begun; ${FOREVER}`);
    await until('begun');
    process.kill(bench.host().pid, 'SIGSTOP');
    try {
      // Of one kind, those that come at once would be one.
      for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) child.kill(signal);
      const [code] = await closed;
      expect([129, 130, 143]).toContain(code);
    } finally {
      process.kill(bench.host().pid, 'SIGCONT');
    }
    await waitFor('the command to end', async () => (await lastOf('plain'))?.state !== 'running');
  });
});

describe('wasm', () => {
  it('kills what knows no signals', async () => {
    await bench.create({ name: 'module', engine: 'wasm', runtime: 'quickjs' });
    const { child, closed, until } = start('exec', 'module', '--', 'qjs', '-e', 'console.log("begun"); for (;;);');
    await until('begun');
    child.kill('SIGINT');
    expect(await closed).toEqual([130, null]);
    await waitFor('the command to be killed', async () => (await lastOf('module'))?.state === 'cancelled');
  });
});

await describeNamespace('namespace', () => {
  beforeAll(() => bench.create({ name: 'apart', engine: 'namespace' }));
  suite('apart');
});

describeUnless(await dockerMissing(), 'docker', () => {
  beforeAll(() => bench.create({ name: 'box', engine: 'docker', source: { type: 'image', reference: TEST_IMAGE } }));
  suite('box');
});
