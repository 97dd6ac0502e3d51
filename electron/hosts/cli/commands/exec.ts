import { Command, Option } from '@commander-js/extra-typings';
import { AppError, fromErrorData } from '../../../../shared/model/error.ts';
import { type LimitName, limitWords } from '../../../../shared/model/limits.ts';
import { collectOutput, KEPT_MAX } from '../../client/commands.ts';
import type { Client } from '../../client/connection.ts';
import type { Context } from '../context.ts';
import { FAILED_TO_RUN } from '../exit-codes.ts';
import { exitCodeOf } from '../failure.ts';
import { findSandbox } from '../find-sandbox.ts';
import type { Interruption } from '../interruption.ts';
import { makeSandbox } from '../make-sandbox.ts';
import { type Output, plain, table } from '../output.ts';
import { isPiped, runPiped, toOwnStreams } from '../piped-command.ts';
import { duration, environmentOf, environmentOption, type SpecFlags, specOf, specOptions } from '../spec-options.ts';
import { requireTerminal, tieTerminal } from '../terminal.ts';

interface ExecFlags {
  readonly interactive?: true;
  readonly stdin?: boolean;
  readonly tty?: true;
  readonly timeout?: number;
  readonly env?: readonly string[];
  readonly workdir?: string;
}

const execOptions = [
  new Option('-i, --interactive', 'what is typed here goes to the command; what is piped here does anyway'),
  new Option('--no-stdin', 'the command gets no input, as in a loop that reads its own'),
  new Option('-t, --tty', 'on a terminal'),
  new Option('--timeout <time>', 'killed after so long, e.g. 90s').argParser(duration),
  new Option('-w, --workdir <path>', 'where it runs'),
] as const;

interface Asked {
  /** The sandbox's. */
  readonly id: string;
  readonly command: readonly string[];
  readonly flags: ExecFlags;
}

/** Runs a command in a sandbox as if it ran here, and gives the code to end with. */
async function exec(
  client: Client,
  { id, command, flags }: Asked,
  output: Output,
  interrupted: Interruption,
): Promise<number> {
  if (flags.tty) return onTerminal(client, { id, command, flags }, interrupted.signal);
  const collected = output.json ? collectOutput() : null;
  const onOutput = collected?.add ?? toOwnStreams;
  const request = {
    sandboxId: id,
    command: [...command],
    env: environmentOf(flags.env),
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
    ...(flags.workdir === undefined ? {} : { workdir: flags.workdir }),
  };
  const ended = await runPiped(client, request, { hasInput: wantsInput(flags), onOutput }, interrupted);
  const { exit, error } = ended;
  if (collected) output.value(await collected.result(ended));
  if (error) throw fromErrorData(error);
  if (!collected && exit?.limit !== undefined) {
    process.stderr.write(`terrarium: ended by its limit of ${limitWords[exit.limit as LimitName] ?? exit.limit}\n`);
  }
  return exit ? exitCodeOf(exit) : FAILED_TO_RUN;
}

/** As ssh(1) has it: what is piped here goes there. What somebody might type is asked for with -i. */
const wantsInput = ({ interactive, stdin }: ExecFlags) => interactive === true || (stdin !== false && isPiped());

async function onTerminal(client: Client, { id, command, flags }: Asked, signal: AbortSignal): Promise<number> {
  for (const name of ['timeout', 'env', 'workdir'] as const) {
    if (flags[name] !== undefined) {
      throw new AppError('unsupported', `--${name} cannot be had with -t`, {
        hint: 'Leave -t out, or use env(1) inside.',
      });
    }
  }
  requireTerminal();
  const { columns: cols = 80, rows = 24 } = process.stdout;
  const console = await client.consoles.open({ sandboxId: id, command: [...command], cols, rows });
  const ended = await tieTerminal(client, console.id, { mayDetach: false, signal });
  await client.consoles.close({ id: console.id });
  return ended.type === 'exited' ? exitCodeOf(ended.exit) : 0;
}

const terminalHasNoJson = (hint: string) => new AppError('invalid_input', 'A terminal has no JSON', { hint });

function refuseTerminalJson({ tty }: ExecFlags, { json }: Output): void {
  if (tty && json) throw terminalHasNoJson('Leave out -t or --json.');
}

const JSON_HELP = `With --json, before the command, it prints at the end one object: {"state", "exitCode", "exit", "stdout", "stderr",
"truncated", "durationMs"}, with output as text, ${KEPT_MAX / 1024 ** 2} Mi characters of each stream at most.`;

export function execCommand({ run }: Context) {
  const command = new Command('exec')
    .description('run a command in a sandbox; ends with its exit code, or 125 when it could not be run')
    .argument('<sandbox>', 'its name, or its id or the beginning of it')
    .argument('<command...>', 'the command, after --');
  for (const option of execOptions) command.addOption(option);
  return command
    .addOption(environmentOption)
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Ctrl+C, SIGTERM and SIGHUP go to the command, and to what it started, as that signal; asked once more, or where
the engine has no signals, the command is killed.

${JSON_HELP}

Examples:
  terrarium exec web -- ls -l
  terrarium exec -it web -- sh
  echo 'print(6 * 7)' | terrarium exec web -- python3 -
  terrarium exec --json web -- make | jq .exitCode
  tar c . | terrarium exec web -- tar x`,
    )
    .action((given, argv, flags) =>
      run(async (client, output, _signal, interrupted) => {
        const asked: ExecFlags = flags;
        refuseTerminalJson(asked, output);
        const { id } = await findSandbox(client, given);
        return await exec(client, { id, command: withoutDashes(argv), flags: asked }, output, interrupted);
      }),
    );
}

export function runCommand({ run }: Context) {
  const command = new Command('run')
    .description('make a sandbox, run a command in it and destroy it; ends as exec does')
    .argument('<command...>', 'the command, after --');
  for (const option of [...specOptions, ...execOptions]) command.addOption(option);
  return command
    .option('--no-rm', 'leaves the sandbox')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
${JSON_HELP}

Examples:
  terrarium run --engine wasm --runtime python -- python -c 'print(6 * 7)'
  terrarium run --engine namespace --network none --memory 256MiB -- sh -c 'ls /'
  terrarium run --image busybox -it -- sh`,
    )
    .action((argv, flags) =>
      run(async (client, output, signal, interrupted) => {
        const { rm, ...others } = flags;
        const asked = others as ExecFlags & SpecFlags;
        refuseTerminalJson(asked, output);
        // The sandbox has the variables; they are not given to the command again.
        const { env: _, ...execFlags } = asked;
        if (asked.tty) requireTerminal();
        const sandbox = await makeSandbox(client, { spec: await specOf(asked, []), start: true }, signal);
        try {
          if (sandbox.error) throw fromErrorData(sandbox.error);
          const { id } = sandbox;
          return await exec(client, { id, command: withoutDashes(argv), flags: execFlags }, output, interrupted);
        } finally {
          if (rm) await client.sandboxes.destroy({ id: sandbox.id });
        }
      }),
    );
}

/** What stands behind a command's first word is the command's, `--` included. */
const withoutDashes = (argv: readonly string[]) => (argv[0] === '--' ? argv.slice(1) : argv);

export function consoleCommand({ run }: Context) {
  return new Command('console')
    .description('a shell in a sandbox, or a console that the window has open; Ctrl+P Ctrl+Q leaves it open')
    .argument('<sandbox>', 'its name, or its id or the beginning of it')
    .option('--attach <console>', 'one that is open: its id or its title')
    .option('--list', 'what is open')
    .addHelpText('after', '\nExamples:\n  terrarium console web\n  terrarium console web --list')
    .action((given, { attach, list = false }) =>
      run(async (client, output, signal) => {
        if (output.json && !list) throw terminalHasNoJson('--json goes with --list.');
        const { id: sandboxId } = await findSandbox(client, given);
        const open = await client.consoles.list({ sandboxId });
        if (list) {
          const rows = open.map(({ id, title, exit }) => [id, plain(title), exit === null ? 'running' : 'ended']);
          if (output.json) output.value(open);
          else output.line(table(['ID', 'TITLE', 'STATE'], rows));
          return undefined;
        }
        requireTerminal();
        const { columns: cols = 80, rows = 24 } = process.stdout;
        const found = open.find(({ id, title }) => id === attach || title === attach);
        if (attach !== undefined && !found) {
          throw new AppError('not_found', `There is no console “${attach}” open in it`, {
            hint: `See what there is: terrarium console ${given} --list`,
          });
        }
        const { id } = found ?? (await client.consoles.open({ sandboxId, cols, rows }));
        const ended = await tieTerminal(client, id, { mayDetach: true, signal });
        if (ended.type === 'detached') return 0;
        await client.consoles.close({ id });
        return exitCodeOf(ended.exit);
      }),
    );
}
