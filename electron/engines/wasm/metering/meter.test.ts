import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { libraries } from '../libraries.ts';
import { pythonModule } from '../test-support.ts';
import { FUEL, meter, PAGE_BYTES, REFUSED } from './meter.ts';

const section = (id: number, ...bytes: readonly number[]) => [id, bytes.length, ...bytes];
const exported = (name: string, kind: number, index: number) => [name.length, ...Buffer.from(name), kind, index];
const body = (...code: readonly number[]) => [code.length, ...code];

/**
 * `spin(n)`: a loop of 5 instructions a turn (local.get, i32.const, i32.sub, local.tee, br_if).
 * `fill(n)`: memory.fill of so many bytes. `grow(n)`: memory.grow by so many pages.
 */
const module = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 2, 0x60, 1, 0x7f, 0, 0x60, 1, 0x7f, 1, 0x7f),
  ...section(3, 3, 0, 0, 1),
  ...section(5, 1, 0, 1),
  ...section(
    7,
    4,
    ...exported('spin', 0, 0),
    ...exported('fill', 0, 1),
    ...exported('grow', 0, 2),
    ...exported('memory', 2, 0),
  ),
  ...section(
    10,
    3,
    ...body(0, 0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x0b),
    ...body(0, 0x41, 0, 0x41, 7, 0x20, 0, 0xfc, 11, 0, 0x0b),
    ...body(0, 0x20, 0, 0x40, 0, 0x0b),
  ),
]);

function instance(options: Parameters<typeof meter>[1]) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(meter(module, options))));
  const fuel = exports[FUEL] as WebAssembly.Global;
  const call = exports as Readonly<Record<'spin' | 'fill' | 'grow', (n: number) => number>>;
  const burnt = (work: () => void) => {
    fuel.value = 10n ** 12n;
    work();
    return Number(10n ** 12n - BigInt(fuel.value));
  };
  return {
    call,
    fuel,
    burnt,
    refused: exports[REFUSED] as WebAssembly.Global,
    memory: exports.memory as WebAssembly.Memory,
  };
}

describe('a metered module', () => {
  it('counts each instruction of each turn of a loop, neither more nor less', () => {
    const { call, burnt } = instance({ fuel: true, maxPages: undefined });
    for (const turns of [1, 2, 10, 12_345]) expect(burnt(() => call.spin(turns))).toBe(5 * turns);
  });

  it('counts what is filled by its size', () => {
    const { call, burnt } = instance({ fuel: true, maxPages: undefined });
    expect(burnt(() => call.fill(0))).toBe(4);
    expect(burnt(() => call.fill(8000))).toBe(4 + 1000);
  });

  it('traps once the fuel is used up, and in every call from then on', () => {
    const { call, fuel } = instance({ fuel: true, maxPages: undefined });
    fuel.value = 5n * 100n;
    expect(() => call.spin(100)).not.toThrow();
    fuel.value = 5n * 100n - 1n;
    expect(() => call.spin(100)).toThrow(WebAssembly.RuntimeError);
    expect(() => call.spin(1)).toThrow(WebAssembly.RuntimeError);
  });

  it.each([true, false])('cannot grow past its limit, and tells that it tried; counting fuel: %s', (fuel) => {
    const { call, refused, memory } = instance({ fuel, maxPages: 4 });
    expect(call.grow(3)).toBe(1);
    expect(refused.value).toBe(0);
    expect(call.grow(1)).toBe(-1);
    expect(call.grow(60_000)).toBe(-1);
    expect([refused.value, memory.buffer.byteLength]).toEqual([2, 4 * PAGE_BYTES]);
  });

  it('is refused when it needs more to begin with', () => {
    expect(() => meter(module, { fuel: false, maxPages: 0 })).toThrow(/65536 bytes/);
  });

  it.each([
    ['CPython', pythonModule],
    ['QuickJS', libraries.quickjs().module],
    ['Pyodide', libraries.python().module],
  ])('is still valid: %s', { timeout: 60_000 }, (_name, path) => {
    const bytes = readFileSync(path);
    for (const fuel of [true, false]) {
      expect(WebAssembly.validate(Buffer.from(meter(bytes, { fuel, maxPages: 16_384 })))).toBe(true);
    }
  });

  it('is refused where it is no module or cut off', () => {
    expect(() => meter(Buffer.from('\x7fELF....'), { fuel: true, maxPages: undefined })).toThrow(SyntaxError);
    for (let length = 9; length < module.length; length += 1) {
      // Cut between two sections it is a module, if not a useful one.
      const cut = module.subarray(0, length);
      if (WebAssembly.validate(cut)) continue;
      try {
        expect(WebAssembly.validate(Buffer.from(meter(cut, { fuel: true, maxPages: 1 })))).toBe(false);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }
  });
});
