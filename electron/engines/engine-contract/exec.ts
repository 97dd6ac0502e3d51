import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineObject, ExecRequest } from '../engine.ts';
import { type Fixture, run, sh } from './fixture.ts';

interface Case {
  readonly title: string;
  readonly argv: readonly string[];
  readonly request?: Partial<ExecRequest>;
  readonly expected: { readonly code?: number; readonly stdout?: string; readonly stderr?: string };
}

const cases: readonly Case[] = [
  { title: 'gives the exit code 0', argv: ['true'], expected: { code: 0, stdout: '', stderr: '' } },
  { title: 'gives another exit code', argv: sh('exit 42'), expected: { code: 42 } },
  {
    title: 'keeps stdout and stderr apart',
    argv: sh('echo out; echo err >&2; echo more'),
    expected: { code: 0, stdout: 'out\nmore\n', stderr: 'err\n' },
  },
  {
    title: 'lets a command open its own stdout and stderr by name',
    argv: sh('echo out >/dev/stdout; echo err >/dev/stderr'),
    expected: { code: 0, stdout: 'out\n', stderr: 'err\n' },
  },
  {
    title: 'passes arguments as they are',
    argv: ['printf', '%s|', 'a b', '$HOME', '', '"quoted"', 'ü\n', '*'],
    expected: { stdout: 'a b|$HOME||"quoted"|ü\n|*|' },
  },
  {
    title: 'gives stdin and its end',
    argv: ['wc', '-c'],
    request: { stdin: Buffer.from('hello') },
    expected: { code: 0, stdout: '5\n' },
  },
  { title: 'gives an empty stdin when there is none', argv: ['cat'], expected: { code: 0, stdout: '' } },
  {
    title: 'does not mind a command that reads no stdin',
    argv: sh('exec 0</dev/null; exit 3'),
    request: { stdin: Buffer.alloc(1_000_000, 'x') },
    expected: { code: 3 },
  },
  {
    title: 'adds to the environment of the spec',
    argv: sh('echo "$FROM_SPEC $FROM_EXEC"'),
    request: { env: { FROM_EXEC: 'two words' } },
    expected: { stdout: 'spec two words\n' },
  },
  {
    title: 'lets the environment of the exec win',
    argv: sh('echo "$FROM_SPEC"'),
    request: { env: { FROM_SPEC: 'exec' } },
    expected: { stdout: 'exec\n' },
  },
  {
    title: 'does not leak the environment of the host',
    argv: sh('echo "[$TERRARIUM_CONTRACT_SECRET]"'),
    expected: { stdout: '[]\n' },
  },
  {
    title: 'runs in the working directory that is asked for',
    argv: ['pwd'],
    request: { workdir: '/' },
    expected: { stdout: '/\n' },
  },
];

export function execCases(fixture: Fixture): void {
  const { engine } = fixture;
  let sandbox: EngineObject;

  beforeAll(async () => {
    process.env.TERRARIUM_CONTRACT_SECRET = 'secret';
    sandbox = await fixture.running({ env: { FROM_SPEC: 'spec' } });
  });
  afterAll(async () => {
    Reflect.deleteProperty(process.env, 'TERRARIUM_CONTRACT_SECRET');
    await fixture.clear();
  });

  it.each(cases)('$title', async ({ argv, request, expected }) => {
    const { exit, stdout, stderr } = await run(engine, sandbox.ref, argv, request);
    if (expected.code !== undefined) expect(exit).toMatchObject({ code: expected.code, signal: null });
    if (expected.stdout !== undefined) expect(stdout.toString().trimStart()).toBe(expected.stdout);
    if (expected.stderr !== undefined) expect(stderr.toString()).toBe(expected.stderr);
  });

  it('starts in the workspace, which keeps what is written', async () => {
    await run(engine, sandbox.ref, sh('echo kept > note'));
    expect((await run(engine, sandbox.ref, ['cat', 'note'])).stdout.toString()).toBe('kept\n');
    if (sandbox.workspace) expect(await readFile(join(sandbox.workspace, 'note'), 'utf8')).toBe('kept\n');
  });

  it('says what killed a command', async () => {
    const { exit } = await run(engine, sandbox.ref, sh('kill -9 $$'));
    expect([
      { code: null, signal: 'SIGKILL' },
      { code: 137, signal: null },
    ]).toContainEqual({ ...exit });
  });

  it.each(['no-such-command-here', './no/such/file'])('refuses a command that does not exist: %s', async (program) => {
    const attempt = run(engine, sandbox.ref, [program]);
    await expect(attempt).rejects.toMatchObject({ name: 'AppError', code: 'invalid_input' });
    await expect(attempt).rejects.toThrow(program);
  });

  it('refuses a working directory that does not exist', async () => {
    const attempt = run(engine, sandbox.ref, ['true'], { workdir: '/no/such/folder' });
    await expect(attempt).rejects.toMatchObject({ name: 'AppError', code: 'invalid_input' });
  });

  it('runs several at once', async () => {
    const results = await Promise.all([1, 2, 3, 4].map((n) => run(engine, sandbox.ref, sh(`echo ${n}; exit ${n}`))));
    expect(results.map(({ exit, stdout }) => [exit.code, stdout.toString()])).toEqual([
      [1, '1\n'],
      [2, '2\n'],
      [3, '3\n'],
      [4, '4\n'],
    ]);
  });

  it('is refused with conflict where nothing runs', async () => {
    const idle = await fixture.create();
    await expect(run(engine, idle.ref, ['true'])).rejects.toMatchObject({ name: 'AppError', code: 'conflict' });
  });
}
