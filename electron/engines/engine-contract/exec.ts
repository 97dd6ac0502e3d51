import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineObject, ExecRequest } from '../engine.ts';
import { type Fixture, itWhere, run, sh } from './fixture.ts';
import type { Programs } from './programs.ts';

interface Case {
  readonly title: string;
  readonly argv: readonly string[];
  readonly request?: Partial<ExecRequest>;
  readonly expected: { readonly code?: number; readonly stdout?: string; readonly stderr?: string };
}

const casesOf = (programs: Programs): readonly Case[] => [
  { title: 'gives the exit code 0', argv: programs.nothing, expected: { code: 0, stdout: '', stderr: '' } },
  { title: 'gives another exit code', argv: programs.exits(42), expected: { code: 42 } },
  {
    title: 'keeps stdout and stderr apart',
    argv: programs.prints([{ out: 'out\n' }, { err: 'err\n' }, { out: 'more\n' }]),
    expected: { code: 0, stdout: 'out\nmore\n', stderr: 'err\n' },
  },
  ...(programs.shell
    ? [
        {
          title: 'lets a command open its own stdout and stderr by name',
          argv: sh('echo out >/dev/stdout; echo err >/dev/stderr'),
          expected: { code: 0, stdout: 'out\n', stderr: 'err\n' },
        },
      ]
    : []),
  {
    title: 'passes arguments as they are',
    argv: programs.printsArguments(['a b', '$HOME', '', '"quoted"', 'ü\n', '*']),
    expected: { stdout: 'a b|$HOME||"quoted"|ü\n|*|' },
  },
  {
    title: 'gives stdin and its end',
    argv: programs.countsInput,
    request: { stdin: Buffer.from('hello') },
    expected: { code: 0, stdout: '5\n' },
  },
  { title: 'gives an empty stdin when there is none', argv: programs.copiesInput, expected: { code: 0, stdout: '' } },
  {
    title: 'does not mind a command that reads no stdin',
    argv: programs.ignoresInput(3),
    request: { stdin: Buffer.alloc(1_000_000, 'x') },
    expected: { code: 3 },
  },
  {
    title: 'adds to the environment of the spec',
    argv: programs.printsEnvironment(['FROM_SPEC', 'FROM_EXEC']),
    request: { env: { FROM_EXEC: 'two words' } },
    expected: { stdout: '[spec two words]\n' },
  },
  {
    title: 'lets the environment of the exec win',
    argv: programs.printsEnvironment(['FROM_SPEC']),
    request: { env: { FROM_SPEC: 'exec' } },
    expected: { stdout: '[exec]\n' },
  },
  {
    title: 'does not leak the environment of the host',
    argv: programs.printsEnvironment(['TERRARIUM_CONTRACT_SECRET']),
    expected: { stdout: '[]\n' },
  },
  {
    title: 'runs in the working directory that is asked for',
    argv: programs.printsWorkdir,
    request: { workdir: '/' },
    expected: { stdout: '/\n' },
  },
];

export function execCases(fixture: Fixture): void {
  const { engine, programs } = fixture;
  let sandbox: EngineObject;

  beforeAll(async () => {
    process.env.TERRARIUM_CONTRACT_SECRET = 'secret';
    sandbox = await fixture.running({ env: { FROM_SPEC: 'spec' } });
  });
  afterAll(async () => {
    Reflect.deleteProperty(process.env, 'TERRARIUM_CONTRACT_SECRET');
    await fixture.clear();
  });

  it.each(casesOf(programs))('$title', async ({ argv, request, expected }) => {
    const { exit, stdout, stderr } = await run(engine, sandbox.ref, argv, request);
    if (expected.code !== undefined) expect(exit).toMatchObject({ code: expected.code, signal: null });
    if (expected.stdout !== undefined) expect(stdout.toString().trimStart()).toBe(expected.stdout);
    if (expected.stderr !== undefined) expect(stderr.toString()).toBe(expected.stderr);
  });

  it('starts in the workspace, which keeps what is written', async () => {
    await run(engine, sandbox.ref, programs.writesFile('note', 'kept\n'));
    expect((await run(engine, sandbox.ref, programs.printsFile('note'))).stdout.toString()).toBe('kept\n');
    if (sandbox.workspace) expect(await readFile(join(sandbox.workspace, 'note'), 'utf8')).toBe('kept\n');
  });

  itWhere(programs.shell)('says what killed a command', async () => {
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
    const attempt = run(engine, sandbox.ref, programs.nothing, { workdir: '/no/such/folder' });
    await expect(attempt).rejects.toMatchObject({ name: 'AppError', code: 'invalid_input' });
  });

  it('runs several at once', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4].map((n) => run(engine, sandbox.ref, programs.prints([{ out: `${n}\n` }], n))),
    );
    expect(results.map(({ exit, stdout }) => [exit.code, stdout.toString()])).toEqual([
      [1, '1\n'],
      [2, '2\n'],
      [3, '3\n'],
      [4, '4\n'],
    ]);
  });

  it('is refused with conflict where nothing runs', async () => {
    const idle = await fixture.create();
    await expect(run(engine, idle.ref, programs.nothing)).rejects.toMatchObject({ name: 'AppError', code: 'conflict' });
  });
}
