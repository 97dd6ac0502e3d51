import { beforeAll, expect, it } from 'vitest';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { waitFor } from '../testing/wait-for.ts';
import { moment } from './spec-options.ts';
import { withHost } from './testing/with-host.ts';

const bench = withHost();
const command = [
  'sh',
  '-c',
  'echo one; echo two; while [ ! -e /workspace/go ]; do sleep 0.1; done; echo three; exec sleep 1000',
];

beforeAll(async () => {
  await bench.create({ name: 'plain', command: ['sh', '-c', 'echo one; echo two; exec sleep 1000'] });
  await waitFor('the log', async () => (await bench.run('logs', 'plain')).stdout === 'one\ntwo\n');
});

it('gives the last lines', async () => {
  expect(await bench.run('logs', '--tail', '1', 'plain')).toEqual({ code: 0, stdout: 'two\n', stderr: '' });
  expect(await bench.run('logs', '--tail', '0', 'plain')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect((await bench.run('logs', '--tail', '-1', 'plain')).code).toBe(2);
});

it('refuses a time where lines have none, and says what there is instead', async () => {
  expect(await bench.run('logs', '--since', '10m', 'plain')).toEqual({
    code: 5,
    stdout: '',
    stderr: expect.stringMatching(
      /^terrarium: This log cannot be read from a time on: [^\n]*\nAsk for its last lines instead\.\n$/,
    ),
  });
});

it('reads times as people write them', () => {
  const earliest = Date.now() - 600_000;
  expect(moment('10m')).toBeGreaterThanOrEqual(earliest);
  expect(moment('10m')).toBeLessThanOrEqual(Date.now() - 600_000);
  expect(moment('2026-01-31T12:00:00Z')).toBe(Date.UTC(2026, 0, 31, 12));
  expect(moment('2026-01-31')).toBe(new Date(2026, 0, 31).getTime());
  expect(moment('1769860800')).toBe(1_769_860_800_000);
  for (const wrong of ['yesterday', '2026-13-01', '', 'May']) expect(() => moment(wrong)).toThrow('is not a time');
});

describeUnless(await dockerMissing(), 'docker', () => {
  it('gives what was written since a time', async () => {
    await bench.create({ name: 'timed', engine: 'docker', source: { type: 'image', reference: TEST_IMAGE }, command });
    const lines = async (...args: string[]) => {
      const { stdout } = await bench.run('logs', '--json', ...args, 'timed');
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { at: number; text: string });
    };
    await waitFor('the log', async () => (await lines()).length === 2);
    const last = (await lines()).at(-1)?.at ?? 0;
    expect(await bench.run('exec', 'timed', 'touch', '/workspace/go')).toMatchObject({ code: 0 });
    await waitFor('the last line', async () => (await lines()).length === 3);
    const since = new Date(last + 1).toISOString();
    expect((await lines('--since', since)).map(({ text }) => text)).toEqual(['three']);
    expect((await lines('--since', '10m')).map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect((await lines('--since', '10m', '--tail', '2')).map(({ text }) => text)).toEqual(['two', 'three']);
    expect(await lines('--since', new Date(Date.now() + 3_600_000).toISOString())).toEqual([]);
  });
});
