import { Command } from '@commander-js/extra-typings';
import { fromErrorData } from '../../../../shared/model/error.ts';
import type { Context } from '../context.ts';
import { tellFailure } from '../failure.ts';
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
      run(async (client, output, signal) => {
        const { start } = flags;
        const sandbox = await makeSandbox(client, { spec: await specOf(flags as SpecFlags, argv), start }, signal);
        if (output.json) output.value(sandbox);
        else output.line(`${shortId(sandbox.id)}  ${plain(sandbox.name)}  ${sandbox.state}`);
        return sandbox.error ? tellFailure(fromErrorData(sandbox.error)) : 0;
      }),
    );
}
