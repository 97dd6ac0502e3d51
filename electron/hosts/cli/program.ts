import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { completeCommand, completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { copyCommand } from './commands/cp.ts';
import { createCommand } from './commands/create.ts';
import { doctorCommand, enginesCommand } from './commands/engines.ts';
import { consoleCommand, execCommand, runCommand } from './commands/exec.ts';
import { lifecycleCommands } from './commands/lifecycle.ts';
import { listCommand, showCommand } from './commands/list.ts';
import { logsCommand } from './commands/logs.ts';
import { mcpCommand } from './commands/mcp.ts';
import { openCommand } from './commands/open.ts';
import { pruneCommand, removeCommand } from './commands/remove.ts';
import { serveCommand } from './commands/serve.ts';
import { statsCommand } from './commands/stats.ts';
import { createContext, type GlobalFlags } from './context.ts';
import { exitCodeTable } from './exit-codes.ts';
import { tellInJson } from './failure.ts';
import { OUTPUT_HELP } from './output-help.ts';

const endHelp = `
Output:
  ${OUTPUT_HELP.replaceAll('\n', '\n  ')}

Exit codes:
${exitCodeTable.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join('\n')}`;

/** What helps with wrong use. */
export const MORE = '--help says more';

/** All commands. Wrong use throws a CommanderError after it was told, unless that is to be done in JSON. Flags of `terrarium` itself stand behind the command's name. */
export function createProgram(version: string, { json = false } = {}): Command {
  const program = new Command('terrarium')
    .description('Sandboxes of this machine, as its window shows them.')
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError(json ? false : `(${MORE})`)
    .configureOutput({
      outputError: (text, write) => (json ? undefined : write(text.replace(/^error: /, 'terrarium: '))),
    })
    .addHelpText('after', endHelp);
  let flags: GlobalFlags = { json: false, daemon: true };
  program.hook('preAction', (_, action) => {
    const { json, daemon } = action.opts();
    flags = { json: json === true, daemon: daemon !== false };
    tellInJson(flags.json);
  });
  const context = createContext(version, () => flags);
  const commands = [
    createCommand(context),
    runCommand(context),
    execCommand(context),
    consoleCommand(context),
    copyCommand(context),
    listCommand(context),
    showCommand(context),
    logsCommand(context),
    statsCommand(context),
    ...lifecycleCommands(context),
    removeCommand(context),
    pruneCommand(context),
    enginesCommand(context),
    doctorCommand(context),
    configCommand(context),
    mcpCommand(context),
    serveCommand(context),
    openCommand(context),
  ];
  for (const command of commands as readonly CommandUnknownOpts[]) {
    for (const each of command.commands.length > 0 ? command.commands : [command]) {
      // That one's output is a protocol's.
      if (each.name() !== 'mcp') each.option('--json', 'JSON instead of words for people');
      each
        .option('--no-daemon', 'without a host in the background: this process is it while it runs')
        .copyInheritedSettings(program)
        .exitOverride();
    }
    program.addCommand(command.copyInheritedSettings(program).exitOverride());
  }
  // These talk to no host, or to none that they would start.
  program.addCommand(completionCommand().copyInheritedSettings(program).exitOverride());
  program.addCommand(completeCommand(program), { hidden: true });
  return program.exitOverride() as Command;
}
