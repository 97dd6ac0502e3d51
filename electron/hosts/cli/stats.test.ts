import { beforeAll, expect, it } from 'vitest';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { withHost } from './testing/with-host.ts';

const bench = withHost();
const busy = ['sh', '-c', 'while :; do :; done'];
const run = (...args: string[]) => bench.run('stats', ...args);

beforeAll(async () => {
  await bench.create({ name: 'busy', command: busy });
  await bench.create({ name: 'idle' }, false);
});

it('is one reading of what runs, with a dash for what is not measured', async () => {
  const { code, stdout, stderr } = await run();
  expect([code, stderr]).toEqual([0, '']);
  // A plain process has no network of its own, and no limit here.
  expect(stdout).toMatch(
    /^ID +NAME +STATE +CPU +MEMORY \/ LIMIT +NET IN \/ OUT +DISK READ \/ WRITE +PIDS\n\w{12} +busy +running +\d+(\.\d)? % +[\d.]+ [KM]iB \/ – +– \/ – +[\d.]+ \w*B \/ [\d.]+ \w*B +\d+\n$/,
  );
});

it('is an array in JSON, and says null of one that does not run', async () => {
  const readings = JSON.parse((await run('--json', 'busy', 'idle')).stdout);
  expect(readings).toHaveLength(2);
  expect(readings).toContainEqual(expect.objectContaining({ name: 'idle', state: 'ready', point: null }));
  const [{ point }] = readings.filter(({ name }: { name: string }) => name === 'busy');
  expect(point).toMatchObject({ pids: expect.any(Number), networkRxBytesPerSecond: null, memoryLimitBytes: null });
  expect(point.cpuCores).toBeGreaterThan(0.05);
});

it('is drawn again and again on a terminal, which Ctrl+C leaves as it was', async () => {
  // The shell goes on after Ctrl+C, and says how the terminal is before and after.
  const terminal = bench.script(
    'trap : INT; echo "before=$(stty -g)"; terrarium stats --watch; echo "code=$? after=$(stty -g)"',
  );
  await terminal.until('not measured by its engine');
  await terminal.until('KiB / –');
  terminal.pty.write('\x03');
  await terminal.exited;
  const before = /before=(\S+)/.exec(terminal.shown())?.[1];
  const after = terminal.shown().slice(terminal.shown().lastIndexOf('\x1b[?1049l'));
  expect(before).toBeTruthy();
  expect(after).toContain(`code=130 after=${before}`);
  expect(terminal.shown().split('\x1b[?1049h')).toHaveLength(2);
  expect(terminal.shown()).toContain('\x1b[?7h\x1b[?25h\x1b[?1049l');
  expect(after).not.toContain('busy');
});

it('is one line for each reading with --watch --json', async () => {
  const terminal = bench.script('terrarium stats --watch --json busy | head -2');
  await terminal.exited;
  const readings = terminal
    .shown()
    .trim()
    .split('\r\n')
    .map((line) => JSON.parse(line));
  expect(readings.map(({ name, state }) => [name, state])).toEqual(Array(2).fill(['busy', 'running']));
  expect(readings[1].point.at).toBeGreaterThan(readings[0].point.at);
});

describeUnless(await dockerMissing(), 'docker', () => {
  it('has its network, and its limit beside what it takes', async () => {
    await bench.create({
      engine: 'docker',
      name: 'limited',
      source: { type: 'image', reference: TEST_IMAGE },
      network: { mode: 'full' },
      limits: { memoryBytes: 64 * 1024 * 1024 },
      command: busy,
    });
    expect((await run('limited')).stdout).toMatch(
      /\n\w{12} +limited +running +\d+(\.\d)? % +[\d.]+ [KM]iB \/ 64 MiB +[\d.]+ \w*B \/ [\d.]+ \w*B +/,
    );
  });
});
