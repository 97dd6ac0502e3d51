import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { SandboxSpecInput } from '../../../shared/model/spec.ts';
import type { Sandbox, Terrarium } from '../client/index.ts';

/** Such a program is left running in every sandbox, and has to end with it. */
const LEFT_RUNNING = 'sleep 1000 >/dev/null 2>&1 &';

/** In every spec: whoever keeps specs of what is gone keeps so much more. */
const BALLAST = 'x'.repeat(20_000);

/** In the environment of all that runs in a sandbox of `mixedWork`, so that it is found from outside. */
export const OWNER_VARIABLE = 'MIXED_WORK_OWNER';

/**
 * What a program does with a sandbox: makes it, runs commands and moves files in it at once, lets both see what the other
 * made, and destroys it. Throws when anything fails, or is not this `owner`'s own. Resolves with the sandbox's id.
 */
export async function mixedWork(
  terrarium: Terrarium,
  spec: Pick<SandboxSpecInput, 'engine' | 'source' | 'network'>,
  owner: string,
): Promise<string> {
  await using sandbox = await terrarium.create({ ...spec, env: { [OWNER_VARIABLE]: owner, BALLAST } });
  await Promise.all([runCommands(sandbox, owner), moveFiles(sandbox, owner)]);
  await exchange(sandbox, owner);
  return sandbox.id;
}

async function runCommands(sandbox: Sandbox, owner: string): Promise<void> {
  const results = await Promise.all([
    sandbox.exec(`echo "$${OWNER_VARIABLE} $ONLY_HERE"; ${LEFT_RUNNING}`, { env: { ONLY_HERE: `only ${owner}` } }),
    sandbox.exec('cat', { stdin: `input of ${owner}` }),
    sandbox.exec(`echo "not $${OWNER_VARIABLE}" >&2; exit 7`),
  ]);
  deepStrictEqual(
    results.map(({ exitCode, stdout, stderr }) => [exitCode, stdout, stderr]),
    [
      [0, `${owner} only ${owner}\n`, ''],
      [0, `input of ${owner}`, ''],
      [7, '', `not ${owner}\n`],
    ],
  );
}

async function moveFiles({ files }: Sandbox, owner: string): Promise<void> {
  const bytes = randomBytes(100_000);
  await Promise.all([files.write('notes/text', `text of ${owner}`), files.write('notes/bytes', bytes)]);
  strictEqual(await files.read('notes/text'), `text of ${owner}`);
  await files.rename('notes/bytes', 'bytes');
  strictEqual(bytes.equals(await files.readBytes('bytes')), true, `the bytes of ${owner} are others`);
  deepStrictEqual(names(await files.list('notes')), ['text']);
  await files.remove('bytes');
  strictEqual(await files.exists('bytes'), false);
}

/** What came by `files` is there for commands, and the other way round. */
async function exchange(sandbox: Sandbox, owner: string): Promise<void> {
  const { stdout } = await sandbox.exec(`cat notes/text; echo "inside of $${OWNER_VARIABLE}" >made-inside`);
  strictEqual(stdout, `text of ${owner}`);
  strictEqual(await sandbox.files.read('made-inside'), `inside of ${owner}\n`);
  await sandbox.files.remove('notes', { recursive: true });
  deepStrictEqual(names(await sandbox.files.list()), ['made-inside']);
}

const names = (entries: Awaited<ReturnType<Sandbox['files']['list']>>) => entries.map(({ name }) => name).sort();
