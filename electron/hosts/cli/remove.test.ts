import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { waitFor } from '../testing/wait-for.ts';
import { terrarium } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const bench = withHost();
const own = async () => (await bench.client().sandboxes.list({})).filter(({ foreign }) => !foreign);
const names = async () => (await own()).map(({ name }) => name).sort();

afterEach(async () => {
  for (const { id } of await own()) await bench.client().sandboxes.destroy({ id });
});

/** Two that run, one that was never started, one that was stopped, one that ended by itself. */
async function makeSome(): Promise<void> {
  await bench.create({ name: 'web-1', labels: { team: 'web', tier: 'front' } });
  await bench.create({ name: 'web-2', labels: { team: 'web' } });
  await bench.create({ name: 'fresh' }, false);
  const stopped = await bench.create({ name: 'stopped', labels: { team: 'web', tier: 'front' } });
  await bench.client().sandboxes.stop({ id: stopped.id });
  const ended = await bench.create({ name: 'ended', command: ['true'] });
  await waitFor('the end', async () => (await bench.client().sandboxes.get({ id: ended.id })).state === 'stopped');
}

it('ls and rm choose by label, engine, state and name', async () => {
  await makeSome();
  const listed = async (...filters: string[]) => {
    const { stdout } = await bench.run('ls', '--json', ...filters.flatMap((each) => ['--filter', each]));
    return (JSON.parse(stdout) as { readonly name: string }[]).map(({ name }) => name).sort();
  };
  expect(await listed('label=team')).toEqual(['stopped', 'web-1', 'web-2']);
  expect(await listed('label=team=web', 'label=tier=front')).toEqual(['stopped', 'web-1']);
  expect(await listed('name=web-?', 'name=f*')).toEqual(['fresh', 'web-1', 'web-2']);
  expect(await listed('state=stopped', 'state=ready')).toEqual(['ended', 'fresh', 'stopped']);
  expect(await listed('engine=docker')).toEqual([]);
  expect(await listed('name=.*')).toEqual([]);

  const removed = await bench.run('rm', '--force', '--filter', 'label=team=web', '--filter', 'state=running');
  expect(removed).toMatchObject({ code: 0, stderr: '' });
  expect(removed.stdout.trim().split('\n').sort()).toEqual(['web-1', 'web-2']);
  expect(await names()).toEqual(['ended', 'fresh', 'stopped']);
  expect((await bench.run('rm', '--all', '--force')).stdout.trim().split('\n')).toHaveLength(3);
  expect(await names()).toEqual([]);
});

it('removes nothing unasked where there is no terminal', async () => {
  await makeSome();
  for (const args of [['rm', '--all'], ['rm', '--filter', 'name=*'], ['prune']]) {
    const ran = await bench.run(...args);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/^terrarium: There is no terminal here[^\n]*\nGive --force when you mean it\.\n$/);
  }
  expect(await own()).toHaveLength(5);
});

it.each([
  ['nothing to remove', ['rm'], /is missing\nGive names or ids/],
  ['names beside a filter', ['rm', 'web', '--all', '--force'], /not both/],
  ['foreign ones by a filter', ['rm', '--all', '--foreign', '--force'], /--foreign goes with names or ids only/],
  ['a filter that is none', ['rm', '--filter', 'colour=red', '--force'], /“colour=red” is not a filter/],
  ['a state that is none', ['ls', '--filter', 'state=tired'], /“tired” is not a state/],
])('refuses %s', async (_, args, words) => {
  const ran = await bench.run(...args);
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(words);
});

it('asks on a terminal, and takes only yes for a yes', async () => {
  await makeSome();
  for (const answer of ['\r', 'n\r', '\x04', '\x03']) {
    const terminal = bench.onTerminal('rm', '--all');
    await terminal.until('Destroy these 5 sandboxes');
    expect(terminal.shown()).toMatch(/web-1 \(\w{12}, process, running for \d+[sm]\)/);
    terminal.pty.write(answer);
    expect((await terminal.exited).exitCode).toBe(130);
    expect(await own()).toHaveLength(5);
  }
  const terminal = bench.onTerminal('rm', '--all');
  await terminal.until('[y/N]');
  terminal.pty.write('y\r');
  expect((await terminal.exited).exitCode).toBe(0);
  expect(await own()).toEqual([]);
});

it('leaves what was started while it asked', async () => {
  const { id } = await bench.create({ name: 'back', command: ['sleep', '1000'] });
  await bench.client().sandboxes.stop({ id });
  const terminal = bench.onTerminal('prune');
  await terminal.until('[y/N]');
  await bench.client().sandboxes.start({ id });
  terminal.pty.write('y\r');
  expect((await terminal.exited).exitCode).toBe(0);
  expect(terminal.shown()).toContain('There is nothing to remove');
  expect(await names()).toEqual(['back']);
});

it('prune removes what has ended, as old as was asked, and nothing else', async () => {
  await makeSome();
  expect(await bench.run('prune', '--older-than', '7d', '--force')).toEqual({
    code: 0,
    stdout: 'There is nothing to remove.\n',
    stderr: '',
  });
  const dry = await bench.run('prune', '--dry-run');
  expect(dry.stdout.trim().split('\n').sort()).toEqual([
    expect.stringMatching(/^would remove ended \(\w{12}, process, stopped for \d+s\)$/),
    expect.stringMatching(/^would remove stopped \(/),
  ]);
  expect(await own()).toHaveLength(5);
  const removed = JSON.parse((await bench.run('prune', '--force', '--json', '--filter', 'name=en*')).stdout);
  expect(removed).toMatchObject({ dryRun: false, removed: [{ name: 'ended', engine: 'process', state: 'stopped' }] });
  expect((await bench.run('prune', '--force')).stdout).toMatch(/^removed stopped \([^\n]*\n$/);
  expect(await names()).toEqual(['fresh', 'web-1', 'web-2']);
});

it('prune counts from the failure of what has failed, and leaves alone what failed nobody knows when', async () => {
  const WEEK = 7 * 24 * 60 * 60 * 1000;
  const { id, createdAt } = await bench.create({ name: 'broken', command: ['/nowhere/program'] }, false);
  await waitFor('a later time', async () => Date.now() > createdAt);
  await expect(bench.client().sandboxes.start({ id })).rejects.toThrow();
  expect((await bench.client().sandboxes.get({ id })).state).toBe('error');
  const [failure] = await bench.client().events.list({ sandboxId: id, limit: 1 });
  const failedAt = failure?.at ?? 0;
  expect(failedAt).toBeGreaterThan(createdAt);
  /** As it would be at another time. */
  const pruneAt = async (time: number, ...args: string[]) => {
    const clock = `data:text/javascript,Date.now = () => ${time}`.replaceAll(' ', '%20');
    const env = { ...bench.env(), NODE_OPTIONS: `--import=${clock}` };
    return (await terrarium(['prune', '--dry-run', ...args], { env })).stdout;
  };
  const nothing = 'There is nothing to remove.\n';
  expect(await pruneAt(failedAt + WEEK - 1, '--older-than', '7d')).toBe(nothing);
  expect(await pruneAt(failedAt + WEEK, '--older-than', '7d')).toMatch(
    /^would remove broken \(\w{12}, process, error for 7d\)\n$/,
  );
  // As after so much else that the event is no longer kept.
  using store = new DatabaseSync(join(bench.home(), 'terrarium.db'));
  expect(store.prepare("DELETE FROM events WHERE type = 'error'").run().changes).toBe(1);
  expect(await pruneAt(failedAt + 100 * WEEK, '--older-than', '7d')).toBe(nothing);
  expect(await pruneAt(failedAt)).toMatch(/^would remove broken \(\w{12}, process, error\)\n$/);
});

describeUnless(await dockerMissing(), 'docker', () => {
  it('never removes what others have made, unless it is named', async () => {
    const docker = async (...args: string[]) => (await promisify(execFile)('docker', args)).stdout.trim();
    const container = await docker('run', '--detach', '--network', 'none', '--label', 'a=b', TEST_IMAGE, 'true');
    try {
      await docker('wait', container);
      await waitFor('it to be seen', async () =>
        (await bench.client().sandboxes.list({})).some(
          ({ foreign, state, engine }) => foreign && engine === 'docker' && state === 'stopped',
        ),
      );
      await bench.create({ name: 'ours', engine: 'docker', source: { type: 'image', reference: TEST_IMAGE } });
      expect((await bench.run('prune', '--force')).stdout).toBe('There is nothing to remove.\n');
      expect((await bench.run('rm', '--all', '--force', '--filter', 'engine=docker')).stdout).toBe('ours\n');
      expect(await docker('inspect', '--format', '{{.State.Status}}', container)).toBe('exited');
    } finally {
      await docker('rm', '--force', container);
    }
  });
});
