import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { findSandbox } from '../find-sandbox.ts';
import { moment, number } from '../spec-options.ts';
import { write } from '../terminal.ts';

export function logsCommand({ run }: Context) {
  return new Command('logs')
    .description('what the main program of a sandbox has written')
    .argument('<sandbox>', 'its name, or its id or the beginning of it')
    .option('-f, --follow', 'and what comes, until Ctrl+C')
    .option('-n, --tail <lines>', 'the last lines only; 1000 when neither this nor --since is given', number)
    .option(
      '--since <time>',
      'only what was written since: 10m ago, 2026-01-31T12:00:00Z, or seconds since 1970',
      moment,
    )
    .addHelpText(
      'after',
      `
Not every engine keeps the times of lines: where it does not, --since is refused.

Examples:
  terrarium logs web
  terrarium logs --since 10m --tail 100 web
  terrarium logs -f -n 10 web`,
    )
    .action((given, { follow = false, tail, since }) =>
      run(async (client, output, signal) => {
        const { id } = await findSandbox(client, given);
        for await (const lines of await client.logs.follow({ id, tail, since, follow }, { signal })) {
          for (const line of lines) {
            if (output.json) output.record(line);
            else await write(`${line.text}\n`, process[line.stream]);
          }
        }
        return undefined;
      }),
    );
}
