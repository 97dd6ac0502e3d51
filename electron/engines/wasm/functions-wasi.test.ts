import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FunctionRequest } from '../engine.ts';
import { ask, MIB, residentBytes, resultOf, SLOW, withFunctions } from './function-test-support.ts';
import { pythonModule } from './test-support.ts';

const { open, home } = withFunctions();

const section = (id: number, ...bytes: readonly number[]) => [id, bytes.length, ...bytes];
const text = (value: string) => [value.length, ...Buffer.from(value)];
/**
 * Reads what there is and writes it again, by `fd_read(0, 0, 1, 8)` and `fd_write(1, 0, 1, 12)`: its buffer, of 60,000
 * bytes at 64, is described at 0. It traps when it finds at 16 that it has run before.
 */
const echo = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 2, 0x60, 0, 0, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f),
  ...section(
    2,
    2,
    ...[...text('wasi_snapshot_preview1'), ...text('fd_read'), 0, 1],
    ...[...text('wasi_snapshot_preview1'), ...text('fd_write'), 0, 1],
  ),
  ...section(3, 1, 0),
  ...section(5, 1, 0, 1),
  ...section(7, 2, ...text('_start'), 0, 2, ...text('memory'), 2, 0),
  ...section(
    10,
    ...[1, 50, 0],
    ...[0x41, 16, 0x28, 2, 0, 0x04, 0x40, 0x00, 0x0b, 0x41, 16, 0x41, 1, 0x36, 2, 0],
    ...[0x41, 0, 0x41, 0, 0x41, 1, 0x41, 8, 0x10, 0, 0x1a],
    ...[0x41, 4, 0x41, 8, 0x28, 2, 0, 0x36, 2, 0],
    ...[0x41, 1, 0x41, 0, 0x41, 1, 0x41, 12, 0x10, 1, 0x1a],
    0x0b,
  ),
  ...section(11, 1, 0, 0x41, 0, 0x0b, 8, 64, 0, 0, 0, 0x60, 0xea, 0, 0),
]);

describe('functions of WASI modules', { timeout: SLOW }, () => {
  const openModule = async (path: string, options: Partial<FunctionRequest> = {}) =>
    open('', { source: { type: 'module', path }, ...options });

  it('read the payload and write JSON, each invocation in an instance of its own', async () => {
    const path = join(home(), 'echo.wasm');
    await writeFile(path, echo);
    const instance = await openModule(path, { limits: { fuel: 1000, memoryBytes: 6 * MIB } });
    const fuel = new Set<number | null>();
    for (let turn = 0; turn < 5; turn += 1) {
      const answer = await ask(instance, { turn: 'x'.repeat(100) });
      expect(resultOf(answer)).toEqual({ turn: 'x'.repeat(100) });
      expect(answer.peakMemoryBytes).toBe(65_536);
      fuel.add(answer.fuelConsumed);
    }
    expect([...fuel]).toEqual([expect.any(Number)]);
    expect((await ask(await openModule(path, { limits: { fuel: 1 } }))).outcome).toEqual({
      type: 'limit',
      limit: 'fuel',
    });
    await expect(openModule(path, { keepState: true })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('burn fuel in what runs as they are instantiated too', async () => {
    const path = join(home(), 'start.wasm');
    const looping = Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, 1, 0x60, 0, 0),
      ...section(3, 2, 0, 0),
      ...section(7, 1, ...text('_start'), 0, 1),
      ...section(8, 0),
      ...section(10, 2, ...[8, 0, 0x03, 0x40, 0x01, 0x0c, 0, 0x0b, 0x0b], ...[2, 0, 0x0b]),
    ]);
    await writeFile(path, looping);
    expect((await ask(await openModule(path, { limits: { fuel: 1000 } }))).outcome).toEqual({
      type: 'limit',
      limit: 'fuel',
    });
  });

  it('leave neither memory nor processes after a thousand invocations', async () => {
    const path = join(home(), 'echo.wasm');
    await writeFile(path, echo);
    const instance = await openModule(path);
    for (let n = 0; n < 200; n += 1) await ask(instance, n);
    const settled = residentBytes(instance.pid);
    for (let n = 0; n < 1000; n += 1) expect(resultOf(await ask(instance, n))).toBe(n);
    expect(residentBytes(instance.pid) - settled).toBeLessThan(24 * MIB);
  });

  it('give what a real module writes, and its failure with what it said', async () => {
    const instance = await openModule(pythonModule, { handler: 'python' });
    // A JSON text is a Python expression, and Python runs its input: this one says nothing.
    expect(resultOf(await ask(instance, [1, 2]))).toBeNull();
    const failed = await ask(instance, true);
    expect(failed.outcome).toMatchObject({ type: 'threw', name: 'ExitError', message: 'it ended with exit code 1' });
    expect(failed.logs).toEqual([{ stream: 'stderr', text: expect.stringContaining('NameError') }]);
  });

  it('are refused when they are none, or ask for more than there is', async () => {
    const path = join(home(), 'none.wasm');
    await writeFile(path, 'no module');
    await expect(openModule(path)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(openModule(join(home(), 'missing.wasm'))).rejects.toMatchObject({ code: 'invalid_input' });
    const asking = Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, 1, 0x60, 0, 0),
      ...section(2, 1, ...text('host'), ...text('shell'), 0, 0),
      ...section(7, 1, ...text('_start'), 0, 0),
    ]);
    await writeFile(path, asking);
    await expect(openModule(path)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('host.shell'),
    });
  });
});
