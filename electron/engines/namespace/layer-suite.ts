import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTerminal } from '../engine-contract/fixture.ts';
import { conflictsOf, createKept, keptSpec, SEAL, unaborted } from './layer-support.ts';
import { createTestEngine, describeNamespace } from './test-support.ts';

const USUAL = [
  'mkdir -p src old/deep; echo one >readme.md; echo main >src/main.ts; echo util >src/util.ts',
  'echo old >old/deep/file; echo x >old/other; ln -s src/main.ts link; chmod 750 src',
].join('\n');
const CHANGE = [
  'echo two >readme.md; echo new >src/new.ts; rm src/util.ts; rm -r old; mkdir -p fresh/a',
  'echo f >fresh/a/f; echo g >fresh/a/g; ln -s /etc/passwd out; chmod 755 src',
].join('\n');
const CHANGES = [
  ...['added fresh', 'added fresh/a', 'added fresh/a/f', 'added fresh/a/g', 'deleted old', 'added out'],
  ...['modified readme.md', 'modified src', 'added src/new.ts', 'deleted src/util.ts'],
];

/** What keeping writes apart means, shown as whoever runs it. */
export function describeLayers(who: string): Promise<void> {
  return describeNamespace(`namespace for ${who}: writes kept apart`, () => {
    it('is a capability that was tried', async () => {
      await using test = await createTestEngine();
      expect((await test.engine.probe()).capabilities.features.overlay.support).toBe('enforced');
      expect(readdirSync(test.home).filter((name) => name.startsWith('.layer-probe'))).toEqual([]);
    });

    it('leaves the folder as it was byte for byte, and lists what would change, running or not', async () => {
      await using kept = await createKept(USUAL);
      const before = kept.outside(SEAL);
      await kept.say(CHANGE);
      expect(await kept.list()).toEqual(CHANGES);
      await kept.stop();
      expect(await kept.list()).toEqual(CHANGES);
      expect(kept.outside(SEAL)).toBe(before);
      const { changes } = await kept.changes.list(kept.ref);
      expect(changes.find(({ path }) => path === 'out')).toMatchObject({ type: 'symlink', target: '/etc/passwd' });
      expect(changes.find(({ path }) => path === 'old')).toMatchObject({ type: 'directory', size: null });
      expect(changes.find(({ path }) => path === 'readme.md')).toMatchObject({ type: 'file', size: 4 });
    });

    it('shows the main program, commands and consoles the same files', async () => {
      await using test = await createTestEngine();
      await using folder = await createKept('echo one >file');
      const command = [
        'sh',
        '-c',
        'echo main >by-main; while [ ! -e by-console ]; do sleep 0.05; done; cp by-console seen; sleep 1000',
      ];
      const { ref } = await test.running({ ...keptSpec(folder.folder), command });
      const terminal = await openTerminal(test.engine, ref, { cols: 80, rows: 24 });
      terminal.console.write('until [ -e by-main ]; do sleep 0.05; done; cat by-main file; echo console >by-console\n');
      await terminal.waitFor('main\r\none');
      await expect
        .poll(async () => (await test.engine.changes?.list(ref))?.changes.map(({ path }) => path))
        .toEqual(['by-console', 'by-main', 'seen']);
      await terminal.console.kill();
      expect(readdirSync(folder.folder)).toEqual(['file']);
    });

    it('goes on after a stop and a start, and after a rebuild, and lists nothing that was only touched', async () => {
      await using kept = await createKept(USUAL);
      await kept.say('echo two >readme.md; touch src/main.ts; : >>src/util.ts');
      await kept.stop();
      await kept.start();
      expect(await kept.say('cat readme.md')).toBe('two');
      expect(await kept.list()).toEqual(['modified readme.md']);
    });

    it('applies everything, with permissions and nothing more of a mode', async () => {
      await using kept = await createKept(USUAL);
      await kept.say(`${CHANGE}; chmod 640 fresh/a/f; chmod 6755 fresh/a/g; chmod 1777 fresh`);
      await kept.stop();
      expect(await kept.apply()).toEqual({ applied: 10, failed: 0, failures: [] });
      expect(await kept.list()).toEqual([]);
      expect(kept.outside('cat readme.md fresh/a/f fresh/a/g src/new.ts; ls; ls src; readlink out')).toBe(
        ['two', 'f', 'g', 'new', 'fresh', 'link', 'out', 'readme.md', 'src', 'main.ts', 'new.ts', '/etc/passwd'].join(
          '\n',
        ),
      );
      expect(kept.outside('stat -c %a src fresh fresh/a/f fresh/a/g')).toBe('755\n777\n640\n755');
      await kept.start();
      expect(await kept.say('cat readme.md fresh/a/f; ls old')).toMatch(/^two\nf\n.*No such file/);
      await kept.say('echo three >readme.md');
      expect(await kept.list()).toEqual(['modified readme.md']);
    });

    it('applies and throws away what is chosen, and keeps the rest', async () => {
      await using kept = await createKept(USUAL);
      await kept.say(CHANGE);
      await kept.stop();
      await kept.apply('fresh/a/f', 'src/util.ts', 'readme.md');
      const left = ['added fresh/a/g', 'deleted old', 'added out', 'modified src', 'added src/new.ts'];
      expect(await kept.list()).toEqual(left);
      expect(kept.outside('cat readme.md fresh/a/f; ls fresh/a src')).toBe('two\nf\nfresh/a:\nf\n\nsrc:\nmain.ts');
      await kept.discard('old', 'src/new.ts');
      expect(await kept.list()).toEqual(['added fresh/a/g', 'added out', 'modified src']);
      await kept.start();
      expect(await kept.say('cat old/deep/file fresh/a/f fresh/a/g; ls src')).toBe('old\nf\ng\nmain.ts');
      await kept.stop();
      await kept.discard();
      expect(await kept.list()).toEqual([]);
      await kept.start();
      expect(await kept.say('ls; ls fresh/a')).toBe('fresh\nlink\nold\nreadme.md\nsrc\nf');
    });

    it('tells a folder that was made anew from one that was changed, also in part', async () => {
      await using kept = await createKept(USUAL);
      await kept.say('rm -r old; mkdir old; echo a >old/a; echo b >old/b');
      await kept.stop();
      expect(await kept.list()).toEqual(['added old/a', 'added old/b', 'deleted old/deep', 'deleted old/other']);
      await kept.apply('old/a');
      expect(await kept.list()).toEqual(['added old/b', 'deleted old/deep', 'deleted old/other']);
      expect(kept.outside('ls old')).toBe('a\ndeep\nother');
      await kept.discard('old/deep');
      expect(await kept.list()).toEqual(['added old/b', 'deleted old/other']);
      await kept.start();
      expect(await kept.say('ls old; cat old/deep/file')).toBe('a\nb\ndeep\nold');
      await kept.stop();
      await kept.apply('old');
      expect(kept.outside('ls old')).toBe('a\nb\ndeep');
    });

    it.each([
      ['a file a folder', 'echo x >it', 'rm it; mkdir -p it/in; echo y >it/in/file', 'cat it/in/file', 'y'],
      ['a folder a file', 'mkdir -p it/in; echo x >it/in/file', 'rm -r it; echo y >it', 'cat it', 'y'],
      ['a folder a link', 'mkdir it; echo x >it/file', 'rm -r it; ln -s /nowhere it', 'readlink it', '/nowhere'],
      ['a link a folder', 'mkdir to; ln -s to it', 'rm it; mkdir it; echo y >it/file', 'ls to; cat it/file', 'y'],
      ['a link another', 'ln -s one it', 'ln -sfn two it', 'readlink it', 'two'],
      ['a folder’s name', 'mkdir it; echo x >it/file', 'mv it moved', 'cat moved/file; ls', 'x\nmoved'],
    ])('makes %s', async (_what, prepare, change, look, seen) => {
      await using kept = await createKept(prepare);
      const before = kept.outside(SEAL);
      await kept.say(change);
      expect(kept.outside(SEAL)).toBe(before);
      await kept.stop();
      expect(await kept.apply()).toMatchObject({ failed: 0 });
      expect(kept.outside(look)).toBe(seen);
      expect(await kept.list()).toEqual([]);
    });

    it('reads one file before and after, and nothing that is no text', async () => {
      await using kept = await createKept(`${USUAL}; head -c 300000 /dev/zero >large; printf 'a\\0b' >binary`);
      await kept.say(
        'echo two >readme.md; rm src/util.ts; echo >>large; printf c >>binary; ln -sf /etc/passwd link; mkfifo pipe',
      );
      const read = (path: string) => kept.changes.read(kept.ref, path);
      for (const state of ['running', 'stopped']) {
        if (state === 'stopped') await kept.stop();
        expect(await read('readme.md')).toEqual({ before: 'one\n', after: 'two\n', problem: null });
        expect(await read('src/util.ts')).toEqual({ before: 'util\n', after: null, problem: null });
        expect(await read('large')).toMatchObject({ problem: 'too_large' });
        expect(await read('binary')).toMatchObject({ problem: 'binary' });
        expect(await read('link')).toMatchObject({ after: null, problem: 'no_file' });
        expect(await read('pipe')).toMatchObject({ after: null, problem: 'no_file' });
      }
      for (const path of ['../readme.md', '/etc/passwd', 'src/../readme.md', 'a\0b', '.']) {
        await expect(read(path)).rejects.toMatchObject({ code: 'invalid_input' });
      }
    });

    it('follows no link, neither of the sandbox’s nor one that somebody puts into the folder', async () => {
      await using other = await createKept('mkdir in; echo mine >in/file; echo mine >file');
      await using kept = await createKept('mkdir src inner; echo x >src/file; echo y >inner/file');
      const before = other.outside(SEAL);
      await kept.say(
        `rm -r src; ln -s ${other.folder} src; echo new >inner/new; rm inner/file; ln -s ${other.folder}/file f`,
      );
      await kept.stop();
      kept.outside(`rm -r inner; ln -s ${other.folder}/in inner`);
      await kept.apply();
      expect(other.outside(SEAL)).toBe(before);
      expect(readlinkSync(join(kept.folder, 'src'))).toBe(other.folder);
      expect(readFileSync(join(kept.folder, 'inner/new'), 'utf8')).toBe('new\n');
      kept.outside('rm src; mkdir src');
      await kept.start();
      await kept.say('echo z >src/z');
      await kept.stop();
      await kept.discard();
      expect(other.outside(SEAL)).toBe(before);
    });

    it('applies what can be, names what cannot, and keeps that', async () => {
      await using kept = await createKept('mkdir closed; echo x >closed/file');
      const deep = 'd/'.repeat(120);
      await kept.say(
        `mkfifo pipe; mkdir in; mkfifo in/pipe; echo f >in/file; truncate -s 10T sparse; mkdir -p ${deep}; echo ok >ok`,
      );
      await kept.stop();
      expect((await kept.changes.list(kept.ref)).truncated).toBe(true);
      const { applied, failed, failures } = await kept.apply();
      expect(failed).toBe(4);
      expect(applied).toBeGreaterThan(3);
      expect(failures.map(({ path, message }) => `${path.slice(0, 7)}: ${message}`).toSorted()).toEqual([
        'd/d/d/d: It lies more than 100 folders deep.',
        'in/pipe: only files, folders and links are applied',
        'pipe: only files, folders and links are applied',
        'sparse: it is larger than what is free on the disk',
      ]);
      expect(kept.outside('cat ok in/file; ls in; ls')).toBe('ok\nf\nfile\nclosed\nd\nin\nok');
      const left = await kept.list();
      expect(left.filter((each) => !each.includes('d/d'))).toEqual(['added in/pipe', 'added pipe', 'added sparse']);
      await kept.discard();
      expect(await kept.list()).toEqual([]);
    });

    it('is looked at while programs make and remove things all the time, and folders that nobody may read', async () => {
      await using kept = await createKept(USUAL);
      const restless =
        'while :; do rm -rf a link it; mkdir -p a/b/c; ln -s x it; echo x >a/b/f; rm it; mkdir it; ln -sf y link; done';
      await kept.say(`mkdir closed; echo x >closed/f; chmod 0 closed; (${restless}) >/dev/null 2>&1 &`);
      for (let tried = 0; tried < 40; tried += 1) {
        const { changes } = await kept.changes.list(kept.ref);
        expect(changes.map(({ path }) => path)).toContain('closed');
        await kept.changes.read(kept.ref, 'a/b/f');
      }
      await kept.stop();
      await kept.discard();
      expect(await kept.list()).toEqual([]);
    });

    it('tells what was changed in the folder as well meanwhile', async () => {
      await using kept = await createKept('for name in a b c d; do echo one >$name; done');
      await kept.say('echo two >a; echo two >b; rm c d');
      expect(await conflictsOf(kept)).toEqual([]);
      kept.outside('echo three >a; echo three >c');
      expect(await conflictsOf(kept)).toEqual(['a', 'c']);
    });

    it('tells so until it is resolved, whatever the sandbox does meanwhile, and after an apply of a part', async () => {
      await using kept = await createKept('echo a >f; echo a >g; echo d >d; ln -s a l; echo s >same; echo e >e');
      await kept.say('sed -i s/a/A/ f g; rm d; ln -sfn b l; echo S >same; rm e');
      expect(await conflictsOf(kept)).toEqual([]);
      kept.outside('echo mine >>f; echo mine >>d; ln -sfn c l');
      expect(await conflictsOf(kept)).toEqual(['d', 'f', 'l']);
      await kept.say('sed -i s/A/AA/ f; echo x >other; ln -sfn bb l; rm same; echo T >same');
      expect(await conflictsOf(kept)).toEqual(['d', 'f', 'l']);
      await kept.stop();
      await kept.apply('g', 'l', 'same', 'e');
      expect(await conflictsOf(kept)).toEqual(['d', 'f']);
      await kept.discard('other');
      expect(await conflictsOf(kept)).toEqual(['d', 'f']);
      await kept.start();
      await kept.say('echo y >other; echo again >>f; rm -f d');
      expect(await conflictsOf(kept)).toEqual(['d', 'f']);
      await kept.stop();
      await kept.apply('d', 'f');
      expect(await kept.list()).toEqual(['added other']);
      expect(kept.outside('cat f g same; readlink l; ls')).toBe('AA\nagain\nA\nT\nbb\nf\ng\nl\nsame');
    });

    it('calls nobody else’s what it has applied itself, until somebody changes that', async () => {
      await using kept = await createKept(USUAL);
      await kept.say(CHANGE);
      await kept.stop();
      await kept.apply();
      await kept.start();
      await kept.say('echo 3 >readme.md; echo 3 >fresh/a/f; rm fresh/a/g; ln -sfn x out; chmod 700 src');
      const changed = ['fresh/a/f', 'fresh/a/g', 'out', 'readme.md', 'src'];
      expect((await kept.changes.list(kept.ref)).changes.map(({ path }) => path)).toEqual(changed);
      expect(await conflictsOf(kept)).toEqual([]);
      kept.outside('echo mine >>readme.md; rm fresh/a/f; echo mine >fresh/a/f; touch fresh/a/g; chmod 711 src');
      expect(await conflictsOf(kept)).toEqual(['fresh/a/f', 'fresh/a/g', 'readme.md', 'src']);
    });

    it('tells of a deleted folder in which something was changed, however deep', async () => {
      await using kept = await createKept('mkdir -p one/in two/in three; echo x | tee one/in/f two/in/f three/f');
      await kept.say('rm -r one two three; echo y >three');
      expect(await conflictsOf(kept)).toEqual([]);
      kept.outside('echo mine >>one/in/f; echo mine >>three/f');
      expect(await kept.list()).toEqual(['deleted one', 'modified three', 'deleted two']);
      expect(await conflictsOf(kept)).toEqual(['one', 'three']);
    });

    it('knows of a layer without a record what was changed since it was made', async () => {
      await using kept = await createKept('echo one >a; echo one >b');
      await kept.say('echo two >a; echo two >b');
      kept.outside('echo three >a');
      await kept.stop();
      const record = join(kept.test.home, 'sandboxes', kept.ref, 'layer/base.json');
      rmSync(record);
      expect(await conflictsOf(kept)).toEqual(['a']);
      expect(existsSync(record)).toBe(true);
      await kept.apply('b');
      expect(await conflictsOf(kept)).toEqual(['a']);
    });

    it('carries names of any bytes', async () => {
      await using kept = await createKept('true');
      const odd = [
        `$(printf 'new\\nline')`,
        `$(printf '\\377\\376')`,
        `$(printf '\\033[31mred')`,
        '-rf',
        '$HOME',
        'a"b',
      ];
      const quoted = odd.map((name) =>
        name === '$HOME' ? "'$HOME'" : `"${name.replaceAll('"', name.startsWith('$(') ? '"' : '\\"')}"`,
      );
      await kept.say(quoted.map((name) => `echo x >./${name}`).join('; '));
      const names = (await kept.changes.list(kept.ref)).changes.map(({ path }) => path);
      expect(names.toSorted()).toEqual(
        ['$HOME', '-rf', '\u001b[31mred', 'a"b', 'new\nline', '\udcff\udcfe'].toSorted(),
      );
      expect(await kept.changes.read(kept.ref, '\udcff\udcfe')).toMatchObject({ after: 'x\n' });
      await kept.stop();
      expect(await kept.apply('\udcff\udcfe', 'new\nline')).toMatchObject({ applied: 2, failed: 0 });
      expect(
        readdirSync(kept.folder, 'buffer')
          .map((name) => name.toString('latin1'))
          .toSorted(),
      ).toEqual(['new\nline', 'ÿþ']);
      expect((await kept.list()).length).toBe(4);
    });

    it('is not changed while the sandbox runs or is paused', async () => {
      await using kept = await createKept('echo one >file');
      await kept.say('echo two >file');
      for (const state of ['running', 'paused']) {
        if (state === 'paused') await kept.test.engine.pause(kept.ref);
        await expect(kept.apply()).rejects.toMatchObject({ code: 'conflict', hint: 'Stop it first.' });
        await expect(kept.discard()).rejects.toMatchObject({ code: 'conflict' });
        expect(await kept.list()).toEqual(['modified file']);
      }
      await kept.stop();
      const [, object] = await Promise.all([kept.apply(), kept.test.engine.start(kept.ref)]);
      expect(object.state).toBe('running');
      expect(kept.outside('cat file')).toBe('two');
    });

    it('keeps what was applied when an apply is cut short, and the rest', async () => {
      await using kept = await createKept('true');
      await kept.say('i=0; while [ $i -lt 1000 ]; do echo x >file-$i; i=$((i + 1)); done');
      await kept.stop();
      const stop = new AbortController();
      const applying = kept.changes.apply(kept.ref, undefined, stop.signal);
      await expect.poll(() => readdirSync(kept.folder).length, { interval: 1 }).toBeGreaterThan(0);
      stop.abort(new Error('enough'));
      await expect(applying).rejects.toThrow('enough');
      const done = readdirSync(kept.folder);
      expect(done.filter((name) => name.startsWith('.terrarium'))).toEqual([]);
      expect(done.length).toBeLessThan(1000);
      expect(done.length + (await kept.list()).length).toBe(1000);
    });

    it('hides what is always hidden, and calls it neither changed nor deleted', async () => {
      const home = process.env.HOME;
      await using kept = await createKept('echo one >file');
      const folder = join(kept.folder, 'home');
      mkdirSync(join(folder, '.ssh'), { recursive: true });
      kept.outside('echo key >home/.ssh/id; echo token >home/.npmrc; echo f >home/file');
      process.env.HOME = folder;
      try {
        await using test = await createTestEngine();
        const { ref } = await test.running({
          ...keptSpec(folder),
          command: [
            'sh',
            '-c',
            'cat .ssh/id .npmrc >seen 2>&1; rm -rf .ssh .npmrc; ln -s /oldroot/tmp/escape .config; echo done >done; sleep 1000',
          ],
        });
        const list = async () =>
          (await test.engine.changes?.list(ref))?.changes.map(({ kind, path }) => `${kind} ${path}`);
        await expect.poll(list).toEqual(['added .config', 'added done', 'added seen']);
        expect((await test.engine.changes?.read(ref, 'seen'))?.after).not.toContain('key');
        await test.engine.stop(ref, 0);
        expect(await list()).toEqual(['added .config', 'added done', 'added seen']);

        // A place for a secret, behind a link that was written inside: bubblewrap must not be led out by it.
        const led = `/tmp/escape-${randomBytes(6).toString('hex')}`;
        await test.engine.start(ref);
        await test.engine.exec(
          ref,
          { argv: ['ln', '-sfn', `/oldroot${led}`, '.config'], env: {} },
          { signal: unaborted(), onOutput: () => undefined },
        );
        await test.engine.stop(ref, 0);
        mkdirSync(join(folder, '.config/gcloud'), { recursive: true });
        mkdirSync(led);
        await test.engine.start(ref);
        expect(readdirSync(led)).toEqual([]);
        kept.outside(`rmdir ${led}`);
      } finally {
        if (home === undefined) delete process.env.HOME;
        else process.env.HOME = home;
      }
    });

    it('is refused for a folder that Terrarium’s own lies in', async () => {
      await using test = await createTestEngine();
      await expect(test.create(keptSpec(join(test.home, '..')))).rejects.toMatchObject({
        code: 'invalid_input',
        details: { field: 'filesystem.overlay' },
      });
    });

    it('is refused where another folder could be written to', async () => {
      await using kept = await createKept('true');
      const spec = keptSpec(kept.folder);
      const filesystem = { ...spec.filesystem, readWrite: ['/srv'] };
      await expect(kept.test.create({ ...spec, filesystem })).rejects.toMatchObject({
        code: 'unsupported',
        details: { field: 'filesystem.readWrite' },
      });
    });

    it('leaves nothing mounted and nothing but its layer behind', async () => {
      await using kept = await createKept('echo one >file');
      await kept.say('echo two >file');
      const layer = join(kept.test.home, 'sandboxes', kept.ref, 'layer');
      await kept.stop();
      await kept.discard();
      expect(readdirSync(join(layer, 'upper'))).toEqual([]);
      expect(readdirSync(layer).toSorted()).toEqual(['base.json', 'lower', 'merged', 'upper', 'work']);
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(kept.ref);
      await kept.test.engine.destroy(kept.ref);
      expect(existsSync(join(layer, 'work'))).toBe(false);
      expect(lstatSync(kept.folder).isDirectory()).toBe(true);
    });
  });
}
