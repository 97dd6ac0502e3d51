import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { findEndpoint } from './endpoint.ts';
import { describeDocker } from './test-support.ts';

/** In no password file. */
const NOBODY_IN_PARTICULAR = 61_235;

await describeDocker('docker: for an ordinary user', () => {
  it.each(['stopped', 'running'])(
    'destroys a trusted sandbox with files of root in its workspace (%s)',
    async (state) => {
      const { uid, result, left } = await asUser(`
        const { ref, workspace } = await bench.running({ profile: 'trusted' });
        const make = 'mkdir -p a/b && touch a/b/c && ln -s /etc/passwd a/link && chmod 555 a/b && chmod 700 a';
        await run(bench.engine, ref, sh(make));
        const { uid: owner } = await stat(workspace + '/a');
        if (${state === 'stopped'}) await bench.engine.stop(ref, 0);
        await bench.engine.destroy(ref);
        const { uid: mine } = await stat(workspace + '/a/b/c');
        await rm(workspace, { recursive: true });
        return { owner, mine };`);
      expect([result, left]).toEqual([{ owner: 0, mine: uid }, []]);
    },
  );

  it('reaches files of root in its workspace through the engine, and its own without', async () => {
    const { uid, result } = await asUser(`
      const { ref, workspace } = await bench.running({ profile: 'trusted' });
      await run(bench.engine, ref, sh('umask 077; mkdir closed; echo inside >closed/file'));
      const { files } = bench.engine;
      const { read, write, list } = shorthands(files);
      const refused = await readFile(workspace + '/closed/file').then(() => 'read', ({ code }) => code);
      const before = await read(ref, 'closed/file');
      await write(ref, 'closed/file', 'changed');
      await write(ref, 'closed/new', 'new');
      await write(ref, 'mine', 'mine');
      const names = (await list(ref, 'closed')).map(({ name }) => name).toSorted();
      const { stdout } = await run(bench.engine, ref, sh('cat closed/file closed/new mine; stat -c %u:%a closed/file'));
      const { uid: owner } = await stat(workspace + '/mine');
      return { refused, before, names, inside: stdout.toString(), owner };`);
    expect(result).toEqual({
      refused: 'EACCES',
      before: 'inside\n',
      names: ['file', 'new'],
      inside: 'changednewmine0:600\n',
      owner: uid,
    });
  });

  it('sends signals to commands of root, by a shell inside, and says so where there is none', async () => {
    const { result } = await asUser(`
      const { ref } = await bench.running({ profile: 'trusted' });
      const script = "trap 'echo goodbye; exit 3' INT; echo ready; while :; do sleep 0.1; done";
      const begin = async () => {
        const { promise: ready, resolve } = Promise.withResolvers();
        const stop = new AbortController();
        let control;
        const exit = bench.engine.exec(
          ref,
          { argv: ['busybox', 'sh', '-c', script], env: {} },
          { signal: stop.signal, onOutput: () => resolve(), onStarted: (given) => { control = given; } },
        );
        await ready;
        return { exit, stop, control };
      };
      const first = await begin();
      const delivered = await first.control.signal('SIGINT');
      const { code } = await first.exit;
      await run(bench.engine, ref, sh('rm /bin/sh'));
      const second = await begin();
      const refused = await second.control.signal('SIGINT').catch((error) => error.code);
      await bench.engine.stop(ref, 0);
      await second.exit.catch(() => undefined); // how it ends with its sandbox is not what is asked here
      return { delivered, code, refused };`);
    expect(result).toEqual({ delivered: true, code: 3, refused: 'unsupported' });
  });
});

interface Told {
  readonly uid: number;
  /** What the body returned. */
  readonly result: unknown;
  /** In the user's home folder afterwards. */
  readonly left: readonly string[];
}

/** Runs the body of a function with a bench of its own as an ordinary user who may use the daemon. */
async function asUser(body: string): Promise<Told> {
  const { url } = findEndpoint({ env: process.env, home: homedir(), platform: process.platform, uid: null });
  const home = await mkdtemp(join(tmpdir(), 'terrarium-user-'));
  const isRoot = process.getuid?.() === 0;
  const uid = isRoot ? NOBODY_IN_PARTICULAR : (process.getuid?.() ?? 0);
  try {
    await chmod(home, 0o700);
    if (isRoot) await chown(home, uid, uid);
    const { gid } = await stat(url.replace('unix://', ''));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', userScript(home, body), ...(isRoot ? [String(uid), String(gid)] : [])],
      { env: { ...process.env, HOME: home, TMPDIR: home, DOCKER_HOST: url } },
    );
    const told = JSON.parse(stdout) as Told;
    expect(told.uid).toBe(uid);
    return told;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Becomes another user after all is loaded, as the checkout may be in a folder that only root can enter. */
function userScript(home: string, body: string): string {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  return `
    import { readdir, readFile, rm, stat } from 'node:fs/promises';
    import { shorthands } from ${module('../engine-contract/file-bytes.ts')};
    import { run, sh } from ${module('../engine-contract/fixture.ts')};
    import { createBench } from ${module('./test-support.ts')};
    const [uid, gid] = process.argv.slice(1).map(Number);
    if (uid) { process.setgroups([gid]); process.setgid(uid); process.setuid(uid); }
    const bench = await createBench();
    let result;
    try {
      result = await (async () => {${body}})();
    } finally {
      await bench.dispose();
    }
    console.log(JSON.stringify({ uid: process.getuid(), result, left: await readdir(${JSON.stringify(home)}) }));
  `;
}
