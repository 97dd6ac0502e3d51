import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { exitCodeTable } from './exit-codes.ts';
import { OUTPUT_HELP } from './output-help.ts';

/** What writes it, for whoever finds it stale. */
export const WRITE_REFERENCE = 'npm run docs';

/** The whole command line as Markdown, from the commands themselves. */
export function renderReference(program: CommandUnknownOpts): string {
  const commands = visibleCommands(program);
  return `${[
    '# The command line',
    `<!-- Written by \`${WRITE_REFERENCE}\` from the commands themselves. -->`,
    program.description(),
    bullets(commands.map((each) => `[\`${each.name()}\`](#terrarium-${each.name()}): ${cell(each.description())}`)),
    ...commands.flatMap((each) => [section(each), ...visibleCommands(each).map(section)]),
    '## Output',
    OUTPUT_HELP,
    '## Exit codes',
    markdownTable(
      ['code', 'meaning'],
      exitCodeTable.map(([code, meaning]) => [String(code), meaning]),
    ),
  ].join('\n\n')}\n`;
}

function section(command: CommandUnknownOpts): string {
  const name = nameOf(command);
  const help = command.createHelp();
  const aliases = command.aliases().map((alias) => `\`${alias}\``);
  const args = help.visibleArguments(command).map((each) => [code(help.argumentTerm(each)), each.description]);
  const options = help
    .visibleOptions(command)
    .filter((option) => option.long !== '--help')
    .map((option) => [code(help.optionTerm(option)), help.optionDescription(option)]);
  const below = visibleCommands(command).map((each) => [code(help.subcommandTerm(each)), each.description()]);
  return [
    `${'#'.repeat(name.split(' ').length)} ${name}`,
    `${sentence(command.description())}${aliases.length > 0 ? ` Also called ${aliases.join(', ')}.` : ''}`,
    fence(help.commandUsage(command)),
    ...(args.length > 0 ? [markdownTable(['argument', ''], args)] : []),
    ...(below.length > 0 ? [markdownTable(['command', ''], below)] : []),
    ...(options.length > 0 ? [markdownTable(['option', ''], options)] : []),
    ...examplesOf(command),
  ].join('\n\n');
}

/** `terrarium config get`. */
function nameOf(command: CommandUnknownOpts): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

function visibleCommands(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
}

/** What stands behind the options in a command's help: words of its own, and its examples. */
function examplesOf(command: CommandUnknownOpts): readonly string[] {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  const options = command.helpInformation();
  const rest = help.slice(help.indexOf(options) + options.length);
  return rest
    .split(/^Examples?:\n/m)
    .map((text) => text.replace(/^ {2}/gm, '').trim())
    .map((text, index) => (index === 0 ? text : fence(text)))
    .filter((text) => text !== '');
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const fence = (text: string) => `\`\`\`\n${text}\n\`\`\``;
const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');
/** In code, nothing but the bars of a table has to be escaped. */
const code = (text: string) => `\`${text}\``;
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
