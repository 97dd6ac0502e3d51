import { Command } from '@commander-js/extra-typings';
import { AppError } from '../../../../shared/model/error.ts';
import { homeFolder } from '../../home-folder.ts';
import { linkTo } from '../../server/link.ts';
import { requireLink } from '../../server/running-host.ts';
import type { Context } from '../context.ts';
import { tellFailure } from '../failure.ts';
import { createOutput } from '../output.ts';
import { portNumber } from '../spec-options.ts';

interface ServeFlags {
  readonly detach?: boolean;
  readonly port?: number;
  readonly json?: boolean;
}

export function serveCommand({ run }: Context) {
  return new Command('serve')
    .description('run the host here, until Ctrl+C, and print a link to its page')
    .option('-d, --detach', 'in the background instead')
    .option('--port <port>', 'where it listens; 0 is any free one', portNumber)
    .addHelpText(
      'after',
      `
With --json it prints one object, with the port and the link, as soon as it listens.

Examples:
  terrarium serve
  terrarium serve --detach`,
    )
    .action(async (flags) => {
      const { detach = false, port, json = false }: ServeFlags = flags;
      if (detach && port !== undefined) {
        throw new AppError('unsupported', '--port cannot be had with --detach', { hint: 'Leave one of them out.' });
      }
      // A command with nothing to do starts the host as every command does.
      if (detach) {
        return run(async (_client, output) => {
          const found = await requireLink(homeFolder());
          const url = linkTo(found.port, found.token);
          if (output.json) output.value({ port: found.port, url });
          else output.line(url);
          return undefined;
        });
      }
      // All of a host is much to load for who only talks to one.
      const { runWebHost } = await import('../../web/web-host.ts');
      const output = createOutput(json);
      const tell = json
        ? {
            tell: ({ port: at, url }: { readonly port: number; readonly url: string }) =>
              output.record({ port: at, url }),
          }
        : {};
      try {
        if ((await runWebHost({ port, opens: false, ...tell })) === 'shown') process.exit(0);
      } catch (error) {
        process.exit(tellFailure(error));
      }
      return undefined;
    });
}
