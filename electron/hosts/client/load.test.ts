import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeUnless } from '../../engines/engine-contract/describe-unless.ts';
import { dockerMissing, dockerTruth, type EngineTruth, processTruth } from '../testing/engine-truth.ts';
import { type HostProcess, makeHome, startHost } from '../testing/host-process.ts';
import { waitFor } from '../testing/wait-for.ts';
import { connect } from './index.ts';

const CLIENTS = 50;
/** Both ends of pipes for the next commands, see `openOutputPipes`. */
const SPARE_FILES = 2 * 18;

let home: Awaited<ReturnType<typeof makeHome>>;
let host: HostProcess;
beforeAll(async () => {
  home = await makeHome();
  host = await startHost(home.path);
});
afterAll(async () => {
  await host.stop();
  await home.remove();
});

const openFiles = async () => (await readdir(`/proc/${host.pid}/fd`)).length;
const children = async () => {
  const text = await readFile(`/proc/${host.pid}/task/${host.pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean);
};

/** One program among many: a connection of its own, and sandboxes that come and go. */
async function work(number: number, { engine, source }: EngineTruth, rounds: number): Promise<void> {
  using terrarium = connect({ home: home.path });
  for (let round = 0; round < rounds; round += 1) {
    await using sandbox = await terrarium.create({ engine, source, env: { NUMBER: `${number}` } });
    const results = await Promise.all([
      sandbox.exec('echo "I am $NUMBER"'),
      sandbox.exec('cat', { stdin: `input of ${number}` }),
      sandbox.exec('exit 7'),
    ]);
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual([
      [0, `I am ${number}\n`],
      [0, `input of ${number}`],
      [7, ''],
    ]);
  }
}

async function serve(truth: EngineTruth, rounds: number): Promise<void> {
  await work(0, truth, 1); // what is made once, and stays
  const before = { files: await openFiles(), children: await children() };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => work(number, truth, rounds)));
  expect((await host.client.sandboxes.list({})).filter(({ foreign }) => !foreign)).toEqual([]);
  expect(await truth.ids(home.path)).toEqual([]);
  await waitFor('the host’s new children to be gone', async () =>
    (await children()).every((pid) => before.children.includes(pid)),
  );
  await waitFor('the host’s new files to be closed', async () => (await openFiles()) <= before.files + SPARE_FILES);
}

describe('50 programs at once', () => {
  it('each have their own processes, and nothing is left of them', () => serve(processTruth, 3));
});

describeUnless(await dockerMissing(), '50 programs at once with docker', () => {
  it('each have their own containers, and nothing is left of them', () => serve(dockerTruth, 1), 300_000);
});
