import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, sh } from '../engine-contract/fixture.ts';
import { type Bench, createBench, describePodman } from './test-support.ts';

/** Podman given this at a command's start loses the output of most that end at once. */
const UNREAD = 32_768;
const TIMES = 20;

await describePodman('podman: commands that do not read their input', (podman) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench(podman);
  });
  afterAll(async () => {
    await bench.clear();
    await bench.dispose();
  });

  it.each([
    { what: 'ends at once', script: 'echo out; echo err >&2; exit 3' },
    { what: 'reads a line', script: 'read line; echo out; echo err >&2; exit 3' },
  ])('keeps all output of what $what, and adds nothing', async ({ script }) => {
    const { ref } = await bench.running();
    const told = new Set<string>();
    for (let time = 0; time < TIMES; time += 1) {
      const { exit, stdout, stderr } = await run(bench.engine, ref, sh(script), {
        stdin: Buffer.alloc(UNREAD, 'line\n'),
      });
      told.add(`${exit.code} ${stdout} ${stderr}`);
    }
    expect([...told]).toEqual(['3 out\n err\n']);
  });
});
