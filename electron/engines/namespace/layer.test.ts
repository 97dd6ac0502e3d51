import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run, sh } from '../engine-contract/fixture.ts';
import { createTestEngine, describeNamespace, type TestEngine } from './test-support.ts';

await describeNamespace('namespace: writes kept apart', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'terrarium-user-folder-'));
    for (const name of ['src', 'old/deep']) await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, 'readme.md'), 'one\n');
    await writeFile(join(folder, 'src/main.ts'), 'main\n');
    await writeFile(join(folder, 'src/util.ts'), 'util\n');
    await writeFile(join(folder, 'old/deep/file'), 'old\n');
    await symlink('src/main.ts', join(folder, 'link'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const kept = () => ({
    source: { type: 'directory', path: folder } as const,
    filesystem: { readOnly: [], readWrite: [], denied: [], overlay: true },
  });
  const store = ({ engine }: TestEngine) => {
    if (!engine.changes) throw new Error('the engine keeps no changes');
    return engine.changes;
  };
  const say = async (test: TestEngine, ref: string, script: string) => {
    const { stdout, stderr } = await run(test.engine, ref, sh(script));
    return `${stdout.toString()}${stderr.toString()}`.trim();
  };
  const list = async (test: TestEngine, ref: string) =>
    (await store(test).list(ref)).changes.map(({ kind, path }) => `${kind} ${path}`);
  const never = new AbortController().signal;
  /** Every file of the folder with its contents and mode. */
  const seal = () =>
    execFileSync('sh', ['-c', 'find . -printf "%p %m %T@ %l\\n" | sort; find . -type f | sort | xargs cat'], {
      cwd: folder,
    }).toString();

  const CHANGE =
    'echo two >readme.md; echo new >src/new.ts; rm src/util.ts; rm -r old; mkdir -p fresh/a; echo f >fresh/a/f; ln -s /etc/passwd out';
  const CHANGES = [
    'added fresh',
    'added fresh/a',
    'added fresh/a/f',
    'deleted old',
    'added out',
    'modified readme.md',
    'added src/new.ts',
    'deleted src/util.ts',
  ];

  it('leaves the folder as it was, and lists what would change', async () => {
    await using test = await createTestEngine();
    const before = seal();
    const { ref } = await test.running(kept());
    await say(test, ref, CHANGE);
    expect(await list(test, ref)).toEqual(CHANGES);
    await test.engine.stop(ref, 0);
    expect(await list(test, ref)).toEqual(CHANGES);
    expect(seal()).toBe(before);
  });

  it('applies all of it', async () => {
    await using test = await createTestEngine();
    const { ref } = await test.running(kept());
    await say(test, ref, CHANGE);
    await expect(store(test).apply(ref, undefined, never)).rejects.toMatchObject({ code: 'conflict' });
    await test.engine.stop(ref, 0);
    expect(await store(test).apply(ref, undefined, never)).toEqual({ applied: 8, failed: 0, failures: [] });
    expect(await list(test, ref)).toEqual([]);
    expect(await readFile(join(folder, 'readme.md'), 'utf8')).toBe('two\n');
    expect(await readFile(join(folder, 'fresh/a/f'), 'utf8')).toBe('f\n');
    expect(readdirSync(folder).toSorted()).toEqual(['fresh', 'link', 'out', 'readme.md', 'src']);
    expect(readdirSync(join(folder, 'src')).toSorted()).toEqual(['main.ts', 'new.ts']);
    await test.engine.start(ref);
    expect(await say(test, ref, 'cat readme.md fresh/a/f; ls old')).toContain('two\nf\n');
  });
});
