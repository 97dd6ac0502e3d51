import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODULE_BYTES_MAX, MODULE_NAME_MAX, MODULE_NAMES_MAX } from '../../../shared/contract/modules.ts';
import { isAppError } from '../../../shared/model/error.ts';
import { libraries } from './libraries.ts';
import { u32 } from './metering/binary.ts';
import { inspectModule } from './module-file.ts';
import { pythonModule } from './test-support.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-module-info-'));
});
afterAll(() => rm(folder, { recursive: true }));

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const text = (value: string) => [...u32(Buffer.byteLength(value)), ...Buffer.from(value)];
const section = (id: number, body: readonly number[]) => [id, ...u32(body.length), ...body];
const vector = (entries: readonly (readonly number[])[]) => [...u32(entries.length), ...entries.flat()];

async function written(bytes: Iterable<number>): Promise<string> {
  const path = join(folder, 'some.wasm');
  await writeFile(path, Uint8Array.from(bytes));
  return path;
}

describe('what a module says of itself', () => {
  it('is as V8 reads it, of modules that others have built', async () => {
    for (const path of [pythonModule, libraries.quickjs().module, libraries.python().module]) {
      const info = await inspectModule(path);
      const module = new WebAssembly.Module(await readFile(path));
      const imports = WebAssembly.Module.imports(module);
      const exports = WebAssembly.Module.exports(module);
      expect([info.imports.total, info.exports.total], path).toEqual([imports.length, exports.length]);
      expect(info.exports.items.map(({ name }) => name)).toEqual(
        exports.slice(0, MODULE_NAMES_MAX).map(({ name }) => name),
      );
      const byName = (a: string, b: string) => (a < b ? -1 : 1);
      if (imports.length <= MODULE_NAMES_MAX) {
        expect(
          info.imports.items.map(({ module: from, name, kind }) => `${from} ${name} ${kind}`).sort(byName),
        ).toEqual(imports.map(({ module: from, name, kind }) => `${from} ${name} ${kind}`).sort(byName));
      }
    }
    const python = await inspectModule(pythonModule);
    expect(python).toMatchObject({ kind: 'command', refused: 0 });
    expect(python.imports.items).toContainEqual({
      module: 'wasi_snapshot_preview1',
      name: 'fd_write',
      kind: 'function',
      allowed: true,
    });
    expect(python.exports.items).toContainEqual({ name: '_start', kind: 'function', signature: '() → ()' });
    expect(python.memory?.minimumBytes).toBeGreaterThan(1_000_000);
    expect(python.sections.items.map(({ name }) => name)).toContain('code');
  });

  it('names first what is not given to it, with memory and signatures', async () => {
    const path = await written([
      ...HEADER,
      ...section(1, vector([[0x60, 2, 0x7f, 0x7e, 1, 0x7d]])),
      ...section(
        2,
        vector([
          [...text('wasi_snapshot_preview1'), ...text('fd_write'), 0, 0],
          [...text('wasi_snapshot_preview1'), ...text('sock_connect'), 0, 0],
          [...text('env'), ...text('memory'), 2, 1, 2, 3],
        ]),
      ),
      ...section(3, vector([[0]])),
      ...section(7, vector([[...text('run'), 0, 2]])),
    ]);
    expect(await inspectModule(path)).toMatchObject({
      kind: 'reactor',
      refused: 2,
      imports: { total: 3, items: [{ name: 'sock_connect' }, { name: 'memory' }, { name: 'fd_write' }] },
      exports: { items: [{ name: 'run', signature: '(i32, i64) → f32' }] },
      memory: { minimumBytes: 131_072, maximumBytes: 196_608 },
    });
  });

  it('is bounded, and nothing in it is invisible, whatever the module is called by', async () => {
    const long = 'n'.repeat(100_000);
    const many = Array.from({ length: 3000 }, (_, index) => [...text(`f${index}`), ...text('\u202egnp.\0'), 0, 0]);
    const path = await written([
      ...HEADER,
      ...section(0, text(long)),
      ...section(1, vector([[0x60, 0, 0]])),
      ...section(2, vector([[...text(long), ...text(long), 0, 0], ...many])),
    ]);
    const info = await inspectModule(path);
    expect([info.imports.total, info.imports.items.length, info.refused]).toEqual([3001, MODULE_NAMES_MAX, 3001]);
    expect(info.imports.items[0]?.module).toBe(`${'n'.repeat(MODULE_NAME_MAX)}…`);
    expect(info.imports.items[1]).toMatchObject({ module: 'f0', name: '\\u{202e}gnp.\\u{0}' });
    expect(info.sections.items[0]?.name.length).toBeLessThan(MODULE_NAME_MAX + 20);
  });

  it.each([
    { what: 'a section that ends after the file', bytes: [...HEADER, 2, 0x7f, 1] },
    { what: 'a count of imports that never comes', bytes: [...HEADER, ...section(2, [0xff, 0xff, 0x03])] },
    { what: 'more exports than anybody has', bytes: [...HEADER, ...section(7, [0xff, 0xff, 0xff, 0x7f])] },
    { what: 'a number without an end', bytes: [...HEADER, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] },
    { what: 'a section of an unknown kind', bytes: [...HEADER, 99, 0] },
  ])('is refused where it is broken: $what', async ({ bytes }) => {
    await expect(inspectModule(await written(bytes))).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('is broken'),
      details: { field: 'source.path' },
    });
  });

  it('never fails in another way, whatever bytes there are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const path = await written([...HEADER, ...bytes]);
        await inspectModule(path).catch((error: unknown) => {
          if (!isAppError(error, 'invalid_input')) throw error;
        });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    { what: 'a component', bytes: [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], said: 'is a component' },
    { what: 'no WebAssembly', bytes: [...Buffer.from('#!/bin/sh\n')], said: 'is no WebAssembly' },
    { what: 'empty', bytes: [], said: 'is no WebAssembly' },
  ])('is not asked of what is $what', async ({ bytes, said }) => {
    await expect(inspectModule(await written(bytes))).rejects.toMatchObject({ message: expect.stringContaining(said) });
  });

  it('is not asked of a folder, of nothing, nor of what is too large', async () => {
    await expect(inspectModule(folder)).rejects.toMatchObject({ message: expect.stringContaining('is not a file') });
    await expect(inspectModule(join(folder, 'none'))).rejects.toMatchObject({
      message: expect.stringContaining('does not exist'),
    });
    const path = await written(HEADER);
    await truncate(path, MODULE_BYTES_MAX + 1);
    await expect(inspectModule(path)).rejects.toMatchObject({ message: expect.stringContaining('256 MiB') });
  });
});
