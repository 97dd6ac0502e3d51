import { expect, test } from 'vitest';
import type { FunctionSpecInput } from '../../shared/model/function.ts';
import { describeUnless } from '../engines/engine-contract/describe-unless.ts';
import { describeNamespace } from '../engines/namespace/test-support.ts';
import { describeVirtualenv } from '../engines/virtualenv/describe-virtualenv.ts';
import { dockerMissing, TEST_IMAGE } from './testing/engine-truth.ts';
import { failure } from './testing/failure.ts';
import { withFunctions } from './testing/functions.ts';
import { waitFor } from './testing/wait-for.ts';

/** Leaves something in the workspace, in /tmp and running, and tells what of it was there before. */
const nosy = `n=12
for file in here /tmp/there; do if [ -e $file ]; then echo found $file >&2; fi; done
cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -o "[s]leep \${n}34" >&2
touch here /tmp/there
sleep \${n}34 >/dev/null 2>&1 &
echo 1`;

function suite(where: Pick<FunctionSpecInput, 'engine'> & Partial<FunctionSpecInput>): void {
  const bench = withFunctions(where.engine);
  const command = (...argv: string[]): FunctionSpecInput => ({ ...where, code: { type: 'command', command: argv } });

  test('a command answers, and the sandbox ends with it', async () => {
    const id = await bench.create(command('sh', '-c', 'echo note >&2; cat'), { idleTimeMs: 0 });
    expect(await bench.invoke(id, { a: 1 })).toMatchObject({
      result: '{"a":1}',
      logs: [{ stream: 'stderr', text: 'note\n' }],
    });
    await waitFor('its end', async () => (await bench.sandboxes()).length === 0);
  });

  test('what an invocation leaves behind is not found by the next', async () => {
    const id = await bench.create(command('sh', '-c', nosy), { maxConcurrency: 1 });
    for (let turn = 0; turn < 2; turn += 1) expect(await bench.invoke(id)).toMatchObject({ result: '1', logs: [] });
    // Where it is to be kept, the same program finds it.
    await bench.host.client.functions.update({ id, settings: { keepState: true } });
    await bench.invoke(id);
    const { logs } = await bench.invoke(id);
    expect(logs.map(({ text }) => text).join('')).toContain('found here\nfound /tmp/there\nsleep 1234');
  });

  test('a limit that the host holds ends it, and is told as such', async () => {
    const id = await bench.create({
      ...command('sh', '-c', 'while :; do :; done'),
      limits: { cpuTimeMs: 1000 },
      allowBestEffort: true,
    });
    expect((await bench.invoke(id)).outcome).toEqual({ type: 'limit', limit: 'cpuTimeMs' });
  });

  test('a command that never ends is killed by the timeout, with what it started', async () => {
    const id = await bench.create(command('sh', '-c', 'sleep 4321 & while :; do :; done'), {
      timeoutMs: 1000,
      idleTimeMs: 0,
    });
    expect((await bench.invoke(id)).outcome).toEqual({ type: 'limit', limit: 'wallTimeMs' });
    await waitFor('its end', async () => (await bench.sandboxes()).length === 0);
  });
}

describeUnless(await dockerMissing(), 'docker', () => {
  const where = { engine: 'docker', source: { type: 'image', reference: TEST_IMAGE } } as const;
  suite(where);
  const bench = withFunctions('docker');

  test('an image without the language is told of at once', async () => {
    const code = { type: 'python', text: 'def handler(payload, context):\n    return payload' } as const;
    const error = await failure(bench.create({ ...where, code }));
    expect(error.message).toContain('python3');
    expect(await bench.sandboxes()).toEqual([]);
  });

  test('memory that is too much is told as that limit', async () => {
    const id = await bench.create({
      ...where,
      code: { type: 'command', command: ['sh', '-c', 'x=x; while :; do x=$x$x; done'] },
      limits: { memoryBytes: 32 * 1024 * 1024 },
    });
    expect((await bench.invoke(id)).outcome).toEqual({ type: 'limit', limit: 'memoryBytes' });
  });
});

await describeNamespace('namespace', () => {
  suite({ engine: 'namespace' });
  const bench = withFunctions('namespace');

  test('JavaScript and Python of this machine, without its network', async () => {
    const text = 'export const handler = async () => (await fetch("http://127.0.0.1:1").catch((e) => e.cause.code))';
    const js = await bench.create({ engine: 'namespace', code: { type: 'javascript', text } });
    expect((await bench.invoke(js)).outcome.type).toBe('returned');
    const code = 'import os\ndef handler(payload, context):\n    return os.listdir(os.environ["HOME"])';
    const python = await bench.create({ engine: 'namespace', code: { type: 'python', text: code } });
    expect((await bench.invoke(python)).result).toBe('[]');
  });
});

await describeVirtualenv('virtualenv', () => {
  const bench = withFunctions('virtualenv');

  test('Python is that of the virtualenv', async () => {
    const text = 'import sys\ndef handler(payload, context):\n    return sys.prefix != sys.base_prefix';
    const id = await bench.create({ engine: 'virtualenv', code: { type: 'python', text } });
    expect((await bench.invoke(id)).result).toBe('true');
  });
});
