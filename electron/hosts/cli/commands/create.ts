import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { shortId } from '../find-sandbox.ts';
import { makeSandbox } from '../make-sandbox.ts';
import { plain } from '../output.ts';
import { type SpecFlags, specOf, specOptions } from '../spec-options.ts';

export function createCommand({ run }: Context) {
  const command = new Command('create')
    .description('make a sandbox')
    .argument('[command...]', 'its main program, after --');
  for (const option of specOptions) command.addOption(option);
  return command
    .option('--no-start', 'makes it without starting it')
    .addHelpText(
      'after',
      `
Examples:
  terrarium create --engine namespace --name box
  terrarium create --image busybox --memory 256MiB --cpus 0.5 -- sleep 1000
  terrarium create -f spec.toml --name another`,
    )
    .action((argv, flags) =>
      run(async (client, output) => {
        const { start } = flags;
        const sandbox = await makeSandbox(client, await specOf(flags as SpecFlags, argv), start);
        if (output.json) output.value(sandbox);
        else output.line(`${shortId(sandbox.id)}  ${plain(sandbox.name)}  ${sandbox.state}`);
        if (sandbox.error) process.stderr.write(`${plain(sandbox.error.message)}\n`);
        return sandbox.error ? 1 : 0;
      }),
    );
}
