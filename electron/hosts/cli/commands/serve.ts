import { Command } from '@commander-js/extra-typings';
import { AppError } from '../../../../shared/model/error.ts';
import type { Context } from '../context.ts';
import { tellFailure } from '../failure.ts';
import { portNumber } from '../spec-options.ts';

export function serveCommand({ run }: Context) {
  return new Command('serve')
    .description('run the host here, until Ctrl+C, and print a link to its page')
    .option('-d, --detach', 'in the background instead')
    .option('--port <port>', 'where it listens; 0 is any free one', portNumber)
    .addHelpText('after', '\nExamples:\n  terrarium serve\n  terrarium serve --detach')
    .action(async ({ detach = false, port }) => {
      // A command with nothing to do starts the host as every command does.
      if (detach && port !== undefined) {
        throw new AppError('unsupported', '--port cannot be had with --detach', { hint: 'Leave one of them out.' });
      }
      if (detach) return run(async () => undefined);
      // All of a host is much to load for who only talks to one.
      const { runWebHost } = await import('../../web/web-host.ts');
      try {
        if ((await runWebHost({ port, opens: false })) === 'shown') process.exit(0);
      } catch (error) {
        process.exit(tellFailure(error));
      }
      return undefined;
    });
}
