import { describe, expect, it, vi } from 'vitest';
import type { FunctionRequest } from '../engine.ts';
import { ask, cpuTicks, MIB, resultOf, SLOW, withFunctions } from './function-test-support.ts';

const { open } = withFunctions();

describe('functions in Python', { timeout: SLOW }, () => {
  const python = (code: string, options: Partial<FunctionRequest> = {}) =>
    open(code, { runtime: 'python', ...options });

  it('take a payload and a context, await, and give JSON, logs and errors with their lines', async () => {
    const instance = await python(
      `import asyncio, sys
async def handler(payload, context):
    print('got', payload['n']); print('careful', file=sys.stderr)
    await asyncio.sleep(0.01)
    if payload['n'] < 0:
        raise ValueError('no negatives')
    return {'double': payload['n'] * 2, 'greeting': context.env['GREETING']}
`,
      { env: { GREETING: 'hello' } },
    );
    const answer = await ask(instance, { n: 21 });
    expect(resultOf(answer)).toEqual({ double: 42, greeting: 'hello' });
    expect(answer.logs).toEqual([
      { stream: 'stdout', text: 'got 21\n' },
      { stream: 'stderr', text: 'careful\n' },
    ]);
    const { outcome } = await ask(instance, { n: -1 });
    expect(outcome).toMatchObject({ type: 'threw', name: 'ValueError', message: 'no negatives' });
    expect(outcome).toHaveProperty(
      'stack',
      expect.stringContaining("line 6, in handler\n    raise ValueError('no negatives')"),
    );
    expect(JSON.stringify(outcome)).not.toMatch(/_terrarium|pyodide/);
  });

  it('share nothing between invocations unless asked', async () => {
    const code = `import builtins, json, os, random, sys
count = 0
def handler(payload, context):
    global count
    before = [count, hasattr(builtins, 'left'), hasattr(json, 'left'), os.path.exists('/tmp/left'), 'LEFT' in os.environ]
    count += 1; builtins.left = 1; json.left = 1; os.environ['LEFT'] = '1'
    open('/tmp/left', 'w').close()
    import js
    js.setTimeout.left = 1
    return [before, random.random()]
`;
    const fresh = await python(code);
    const chances = new Set<unknown>();
    for (let turn = 0; turn < 3; turn += 1) {
      const [before, chance] = resultOf(await ask(fresh)) as [unknown, number];
      expect(before).toEqual([0, false, false, false, false]);
      chances.add(chance);
    }
    expect(chances.size).toBe(3);
    const kept = await python(code, { keepState: true });
    await ask(kept);
    expect((resultOf(await ask(kept)) as unknown[])[0]).toEqual([1, true, true, true, true]);
  });

  it('burn the same fuel for the same payload, and end without any', async () => {
    const instance = await python(
      `import random, time
def handler(n, context):
    return [sum(i * i for i in range(n)), random.random(), time.time()]
`,
      { limits: { fuel: 200_000_000 } },
    );
    const first = await ask(instance, 1000);
    expect(first.fuelConsumed).toBeGreaterThan(10_000);
    const again = await ask(instance, 1000);
    expect([again.fuelConsumed, again.outcome]).toEqual([first.fuelConsumed, first.outcome]);
    expect((await ask(instance, 1e9)).outcome).toEqual({ type: 'limit', limit: 'fuel' });
    await instance.ended;
  });

  it('are held in memory, ended in the middle of a loop, and refused when they cannot be loaded', async () => {
    const held = await python('def handler(n, context): return len(bytearray(n))', {
      limits: { memoryBytes: 64 * MIB },
    });
    expect(resultOf(await ask(held, MIB))).toBe(MIB);
    expect((await ask(held, 200 * MIB)).outcome).toEqual({ type: 'limit', limit: 'memoryBytes' });
    const busy = await python('def handler(n, context):\n    while True: pass');
    const before = cpuTicks(busy.pid);
    const gone = new AbortController();
    const answer = busy.invoke('null', gone.signal);
    await vi.waitFor(() => expect(cpuTicks(busy.pid)).toBeGreaterThan(before + 10), { timeout: 10_000 });
    gone.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    await busy.ended;
    await expect(python('def handler(:')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('SyntaxError'),
    });
  });

  it('see nothing of this machine and of Node', async () => {
    const instance = await python(`import js, os, socket
def handler(payload, context):
    found = []
    for path in ('/etc/passwd', '/proc/self/environ', '/work', '/home/user'):
        if os.path.exists(path): found.append(path)
    made = js.setTimeout.constructor.constructor
    for name in ('process', 'require', 'Buffer'):
        if hasattr(js, name): found.append(name)
    try:
        found.append(str(made('return typeof process')()))
    except Exception as error:
        found.append('refused')
    try:
        socket.create_connection(('127.0.0.1', 1), 1)
    except OSError:
        found.append('no network')
    return [found, dict(os.environ).get('PATH')]
`);
    expect(resultOf(await ask(instance))).toEqual([['refused', 'no network'], null]);
  });

  it('get none of the host’s bytes where they have changed what bytes can do', async () => {
    const instance = await python(
      `
import sys
from pyodide.ffi import create_proxy, to_js
data = to_js(b'x')
own = data.constructor.constructor
def handler(payload, context):
    given = []
    def spy(*args):
        given.extend(each.constructor.constructor == own for each in args if hasattr(each, 'constructor'))
    prototype = getattr(data.constructor, 'prototype')
    before = getattr(prototype, 'set')
    setattr(prototype, 'set', create_proxy(spy))
    try: read = sys.stdin.read(2)
    finally: setattr(prototype, 'set', before)
    return [read, given]
`,
      { runtime: 'python' },
    );
    expect(resultOf(await ask(instance, 'hello'))).toEqual(['"h', []]);
  });
});
