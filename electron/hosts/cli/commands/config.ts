import { Argument, Command } from '@commander-js/extra-typings';
import type { SettingsState } from '../../../../shared/contract/settings.ts';
import { AppError } from '../../../../shared/model/error.ts';
import type { Json } from '../../../../shared/model/json.ts';
import { explainConfig, explainSpec, type Row } from '../config/explain.ts';
import { findKey, leavesOf, readValue, short, shown, tomlOf, valueAt } from '../config/values.ts';
import type { Context } from '../context.ts';
import { tellFailure } from '../failure.ts';
import { type Output, plain, table } from '../output.ts';
import { fileOf, type SpecFlags, specOptions, specOver } from '../spec-options.ts';

const keyArgument = '<key>';
const KEY = 'with dots, e.g. engines.docker.limits.memoryBytes';

export function configCommand(context: Context) {
  return new Command('config')
    .description(
      'what holds for all sandboxes, and what specs get that do not say otherwise; docs/config.md has all keys',
    )
    .addCommand(getCommand(context))
    .addCommand(setCommand(context))
    .addCommand(unsetCommand(context))
    .addCommand(explainCommand(context))
    .addHelpText(
      'after',
      `
Examples:
  terrarium config get
  terrarium config set machine.sandboxes 50
  terrarium config explain`,
    );
}

function getCommand({ run }: Context) {
  return new Command('get')
    .description('print what holds: all of it, a table or one key; fails when that is not set')
    .addArgument(new Argument('[key]', KEY))
    .addHelpText('after', '\nExamples:\n  terrarium config get\n  terrarium config get ports.first')
    .action((key) =>
      run(async (client, output) => {
        const state = await client.settings.get({});
        warnOf(state);
        if (key === undefined) {
          if (output.json) output.value(state);
          else tellTable(state.config, '', output);
          return 0;
        }
        await findKey(key);
        const value = valueAt(state.config, key);
        if (value === undefined) throw new AppError('not_found', `${key} is not set`);
        if (output.json) output.value(value);
        else if (typeof value === 'object' && value !== null) tellTable(value, key, output);
        else output.line(plain(String(value)));
        return 0;
      }),
    );
}

function setCommand({ run }: Context) {
  return new Command('set')
    .description('write a value into the configuration file; what else is in it stays')
    .addArgument(new Argument(keyArgument, KEY))
    .argument('<value>', 'a number, true, false, a size, a time, JSON, or a text')
    .addHelpText(
      'after',
      `
Examples:
  terrarium config set engines.docker.image debian:12
  terrarium config set engines.docker.limits.memoryBytes 512MiB
  terrarium config set engines.namespace.network none
  terrarium config set machine.sandboxes 50`,
    )
    .action((key, text) =>
      run(async (client, output) => {
        const { steps, isTable } = await findKey(key);
        if (isTable) {
          throw new AppError('invalid_input', `${key} is a table`, { hint: `See: terrarium config get ${key}` });
        }
        const state = await client.settings.set({ changes: patchOf(steps, readValue(key, text)) });
        if (output.json) output.value(state);
        else output.line(`${short(state.path)}: ${key} = ${shown(key, valueAt(state.config, key))}`);
        return 0;
      }),
    );
}

function unsetCommand({ run }: Context) {
  return new Command('unset')
    .description('take a key out of the configuration file, with all that is below it')
    .addArgument(new Argument(keyArgument, KEY))
    .addHelpText('after', '\nExample:\n  terrarium config unset engines.docker.image')
    .action((key) =>
      run(async (client, output) => {
        const { steps } = await findKey(key);
        const { lines } = await client.settings.get({});
        const wasThere = Object.keys(lines).some((name) => name === key || name.startsWith(`${key}.`));
        const state = await client.settings.set({ changes: patchOf(steps, null) });
        if (output.json) output.value(state);
        else output.line(`${short(state.path)}: ${key} ${wasThere ? 'is taken out' : 'was not there'}`);
        return 0;
      }),
    );
}

function explainCommand({ run }: Context) {
  const command = new Command('explain')
    .description('where each value comes from: of the configuration, or of a sandbox that would be made so')
    .argument('[command...]', 'its main program, after --');
  for (const option of specOptions) command.addOption(option);
  return command
    .addHelpText(
      'after',
      `
Options go over a spec file, which goes over the configuration, which goes over what the engine does by default.

Examples:
  terrarium config explain
  terrarium config explain --engine docker --memory 1GiB
  terrarium config explain -f spec.yaml`,
    )
    .action((argv, options) =>
      run(async (client, output) => {
        const flags = options as SpecFlags;
        const state = await client.settings.get({});
        warnOf(state);
        const isOfSpec = argv.length > 0 || Object.keys(options).some((name) => !['json', 'daemon'].includes(name));
        if (!isOfSpec) tell(await explainConfig(state), output);
        else {
          const file = await fileOf(flags);
          const { spec, origins } = await client.settings.explain({ spec: await specOver(file, flags, argv) });
          tell(await explainSpec({ spec, origins, flags, file, argv, state }), output);
        }
        return undefined;
      }),
    );
}

function tell(rows: readonly Row[], output: Output): void {
  if (output.json) output.value(rows);
  else
    output.line(
      table(
        ['KEY', 'VALUE', 'FROM'],
        rows.map(({ key, value, from }) => [key, shown(key, value), plain(from)]),
      ),
    );
}

function tellTable(table: object, around: string, output: Output): void {
  for (const [name, value] of leavesOf(table, around)) output.line(`${name} = ${tomlOf(value)}`);
}

/** One change, as RFC 7396 has it. */
const patchOf = (steps: readonly string[], value: Json) =>
  steps.toReversed().reduce<Json>((below, step) => ({ [step]: below }), value) as Record<string, Json>;

/** Says on stderr that what is printed is not what the file says. */
function warnOf({ path, problem }: SettingsState): void {
  if (!problem) return;
  const where = problem.line === null ? '' : `:${problem.line}`;
  const key = problem.key === null ? '' : `${problem.key}: `;
  tellFailure(
    new AppError('conflict', `${short(path)}${where}: ${key}${problem.message}`, {
      hint: 'Until it is mended, what held before goes on, or the defaults.',
    }),
  );
}
