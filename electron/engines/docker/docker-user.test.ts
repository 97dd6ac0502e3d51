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
      const { url } = findEndpoint({ env: process.env, home: homedir(), platform: process.platform, uid: null });
      const home = await mkdtemp(join(tmpdir(), 'terrarium-user-'));
      const isRoot = process.getuid?.() === 0;
      const uid = isRoot ? NOBODY_IN_PARTICULAR : (process.getuid?.() ?? 0);
      try {
        await chmod(home, 0o700);
        if (isRoot) await chown(home, uid, uid);
        const { gid } = await stat(url.replace('unix://', ''));
        const script = userScript(home, state === 'running');
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--input-type=module', '-e', script, ...(isRoot ? [String(uid), String(gid)] : [])],
          { env: { ...process.env, HOME: home, TMPDIR: home, DOCKER_HOST: url } },
        );
        expect(JSON.parse(stdout)).toEqual({ uid, owner: 0, mine: uid, left: [] });
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    },
  );
});

/** Becomes another user after all is loaded, as the checkout may be in a folder that only root can enter. */
function userScript(home: string, running: boolean): string {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  return `
    import { readdir, rm, stat } from 'node:fs/promises';
    import { run, sh } from ${module('../engine-contract/fixture.ts')};
    import { createBench } from ${module('./test-support.ts')};
    const [uid, gid] = process.argv.slice(1).map(Number);
    if (uid) { process.setgroups([gid]); process.setgid(uid); process.setuid(uid); }
    const bench = await createBench();
    let result;
    try {
      const { ref, workspace } = await bench.running({ profile: 'trusted' });
      const make = 'mkdir -p a/b && touch a/b/c && ln -s /etc/passwd a/link && chmod 555 a/b && chmod 700 a';
      await run(bench.engine, ref, sh(make));
      const { uid: owner } = await stat(workspace + '/a');
      if (!${running}) await bench.engine.stop(ref, 0);
      await bench.engine.destroy(ref);
      const { uid: mine } = await stat(workspace + '/a/b/c');
      await rm(workspace, { recursive: true });
      result = { owner, mine };
    } finally {
      await bench.dispose();
    }
    console.log(JSON.stringify({ uid: process.getuid(), ...result, left: await readdir(${JSON.stringify(home)}) }));
  `;
}
