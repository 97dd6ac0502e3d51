import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { complete } from '../completion/candidates.ts';
import { sandboxCandidates } from '../completion/sandboxes.ts';
import { COMPLETE, scripts, shells } from '../completion/scripts.ts';

export function completionCommand() {
  return new Command('completion')
    .description('print what makes a shell complete commands, options and names of sandboxes')
    .addArgument(new Argument('<shell>', 'the shell that is to read it').choices(shells))
    .addHelpText(
      'after',
      `
Names of sandboxes come from the host that runs; none is started for it.

Examples:
  source <(terrarium completion bash)
  terrarium completion bash > ~/.local/share/bash-completion/completions/terrarium
  terrarium completion zsh > "\${fpath[1]}/_terrarium"
  terrarium completion fish > ~/.config/fish/completions/terrarium.fish`,
    )
    .action((shell) => void process.stdout.write(scripts[shell]));
}

/** Not for people: what the scripts ask at every press of Tab. */
export function completeCommand(program: CommandUnknownOpts) {
  return new Command(COMPLETE).argument('[word...]').action(async (words) => {
    const { candidates, files } = await complete(program, words, sandboxCandidates);
    const seen = new Map(candidates.map((each) => [each.value, each]));
    for (const { value, about } of seen.values()) process.stdout.write(`${value}\t${about}\n`);
    if (files) process.exitCode = 1;
  });
}
