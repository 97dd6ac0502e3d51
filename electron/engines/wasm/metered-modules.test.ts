import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { libraries } from './libraries.ts';
import { createFileMaker } from './made-files.ts';
import { createMeteredModules, type MeteredModules } from './metered-modules.ts';
import { meter } from './metering/meter.ts';
import { createRunnerProgram } from './runner-program.ts';

const MIB = 1024 * 1024;

describe('modules with limits in them', { timeout: 60_000 }, () => {
  let home = '';
  let metered: MeteredModules;
  const { module } = libraries.quickjs();
  const folder = () => join(home, 'wasm', 'metered');

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'terrarium-metered-'));
    const runnerProgram = createRunnerProgram(home);
    metered = createMeteredModules({
      home,
      runnerProgram,
      makeFile: createFileMaker(runnerProgram),
      log: pino({ enabled: false }),
    });
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('are made once, for any amount of fuel, and may not be written', async () => {
    const [path, same] = await Promise.all([
      metered.ensure(module, { fuel: 1000, memoryBytes: 16 * MIB }),
      metered.ensure(module, { fuel: 1000, memoryBytes: 16 * MIB }),
    ]);
    expect(same).toBe(path);
    const bytes = await readFile(path ?? '');
    expect(bytes.equals(meter(await readFile(module), { fuel: true, maxPages: 256 }))).toBe(true);
    const made = await stat(path ?? '');
    expect(made.mode & 0o777).toBe(0o400);
    expect(await metered.ensure(module, { fuel: 5, memoryBytes: 16 * MIB })).toBe(path);
    expect((await stat(path ?? '')).ino).toBe(made.ino);
    expect(await metered.ensure(module, { fuel: 5, memoryBytes: 32 * MIB })).not.toBe(path);
    expect(await readdir(folder())).toHaveLength(2);
  });

  it('are not made without limits, nor of what is no module', async () => {
    expect(await metered.ensure(module, {})).toBeNull();
    const broken = join(home, 'broken.wasm');
    await writeFile(broken, 'no module');
    expect(await metered.ensure(broken, { fuel: 1 })).toBeNull();
    expect(await metered.ensure(join(home, 'missing.wasm'), { fuel: 1 })).toBeNull();
    expect(await readdir(folder())).toEqual([]);
  });

  it('are removed when there are many, the longest unused first', async () => {
    const first = await metered.ensure(module, { fuel: 1 });
    const long = new Date(Date.now() - 3_600_000);
    for (let n = 0; n < 20; n += 1) {
      const path = join(folder(), `old-${n}`);
      await writeFile(path, '');
      await utimes(path, long, new Date(long.getTime() + n * 1000));
    }
    const second = await metered.ensure(module, { memoryBytes: 16 * MIB });
    const left = await readdir(folder());
    expect(left).toHaveLength(16);
    expect(left.map((name) => join(folder(), name))).toEqual(expect.arrayContaining([first, second]));
    expect(left).toContain('old-19');
    expect(left).not.toContain('old-0');
  });
});
