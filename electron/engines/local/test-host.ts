/**
 * A host of its own process, for tests that kill it or run it as another user: does one thing and
 * prints one line of JSON a step. Arguments: state folder, what to do, and what that needs: marks of
 * its programs, or a user id to become after everything is loaded (the checkout may be in a folder
 * that only root can enter).
 */

import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { processesWith, run, sh, until } from '../engine-contract/fixture.ts';
import { manifestSchema, sandboxPaths } from './manifest.ts';
import { createTestEngine } from './test-support.ts';
import { createToolRunner } from './tools.ts';

const [, , home = '', what = '', detail] = process.argv;
const uid = what === 'do everything once' ? detail : undefined;
// In one argument, so that this process is not taken for one of its programs.
const markers = detail?.split(',') ?? [];
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
if (uid !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
const test = await createTestEngine(home);

if (what === 'start and wait to be killed') {
  const script = 'echo before; while [ ! -e go ]; do sleep 0.05; done; echo after; exit 6';
  const { ref } = await test.running({ command: ['sh', '-c', script] });
  say({ ref });
  await buffer(process.stdin);
} else if (what === 'run programs and wait to be killed') {
  const { ref } = await test.running();
  await run(test.engine, ref, sh(`setsid sleep ${markers[0]} >/dev/null 2>&1 </dev/null & exit 0`));
  void run(test.engine, ref, sh(`setsid env -i /bin/sleep ${markers[1]}; exit 0`));
  await test.engine.openConsole(ref, { argv: ['sleep', markers[2] ?? ''], cols: 80, rows: 24 });
  say({ ref });
  await buffer(process.stdin);
} else if (what === 'run a tool and wait to be killed') {
  const [ref = '', marker = ''] = markers;
  const manifest = manifestSchema.parse(await test.engine.inspectRaw(ref));
  const sandbox = { id: manifest.id, paths: sandboxPaths(home, 'process', manifest.id), manifest };
  const signal = new AbortController().signal;
  void createToolRunner(process.platform)(sandbox, { argv: ['/bin/sleep', marker], env: {}, cwd: '/', signal });
  await until('it to run', async () => (await processesWith(marker)).length === 1);
  say({ ref });
  await buffer(process.stdin);
} else if (what === 'do everything once') {
  const { ref, workspace } = await test.running({ limits: { openFiles: 40 } });
  const daemon = '(setsid sleep 1000 >/dev/null 2>&1 </dev/null &)';
  const { stdout } = await run(test.engine, ref, sh(`${daemon}; id -u; ulimit -n`));
  say({ stdout: stdout.toString() });
  const counters = (await test.engine.sample([ref])).get(ref);
  say({ pids: counters?.pids, readsDisk: counters?.diskReadBytes !== null });
  const console = await test.engine.openConsole(ref, { argv: sh('stty size; exit 5'), cols: 80, rows: 24 });
  const output: Uint8Array[] = [];
  console.onOutput((chunk) => void output.push(chunk));
  say({ exit: await console.exited, output: Buffer.concat(output).toString() });
  const closed = join(workspace ?? '', 'closed');
  await mkdir(join(closed, 'inside'), { recursive: true });
  await chmod(closed, 0);
  for (const workdir of [closed, join(closed, 'inside')]) {
    const refused = await run(test.engine, ref, ['true'], { workdir }).catch((error: Error) => error.message);
    say({ entered: String(refused).replaceAll(workdir, 'it') });
  }
  await chmod(closed, 0o700);
  say({ state: (await test.engine.stop(ref, 200)).state });
  await test.engine.destroy(ref);
  say({ left: (await test.engine.list()).length });
  await test.engine.dispose();
} else {
  throw new Error(`no such thing to do: ${what}`);
}
