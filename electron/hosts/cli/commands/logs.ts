import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { findSandbox } from '../find-sandbox.ts';
import { number } from '../spec-options.ts';
import { write } from '../terminal.ts';

export function logsCommand({ run }: Context) {
  return new Command('logs')
    .description('what the main program of a sandbox has written')
    .argument('<sandbox>', 'its name, or its id or the beginning of it')
    .option('-f, --follow', 'and what comes, until Ctrl+C')
    .option('-n, --tail <lines>', 'the last lines only', number, 1000)
    .addHelpText('after', '\nExamples:\n  terrarium logs web\n  terrarium logs -f -n 10 web')
    .action((given, { follow = false, tail }) =>
      run(async (client, output, signal) => {
        const { id } = await findSandbox(client, given);
        for await (const lines of await client.logs.follow({ id, tail, follow }, { signal })) {
          for (const line of lines) {
            if (output.json) output.value(line);
            else await write(`${line.text}\n`, process[line.stream]);
          }
        }
        return undefined;
      }),
    );
}
