import { Command } from '@commander-js/extra-typings';
import { AppError } from '../../../../shared/model/error.ts';
import { homeFolder } from '../../home-folder.ts';
import { linkTo, ONCE } from '../../server/link.ts';
import { requireLink } from '../../server/running-host.ts';
import type { Context } from '../context.ts';
import { findSandbox } from '../find-sandbox.ts';

export function openCommand({ run }: Context) {
  return new Command('open')
    .description(
      'show a sandbox: in the app’s window, or prints a link to the page, and opens it where there is a display',
    )
    .argument('[sandbox]', 'its name, or its id or the beginning of it; only the page when missing')
    .option('--no-browser', 'only prints the link')
    .addHelpText(
      'after',
      `
With the desktop app it comes up in its window (in JSON, url is null then). Elsewhere, and with --no-browser, a link
is printed. It lets a browser in: it works once, within 15 minutes, and whoever has it first.

Examples:
  terrarium open web
  terrarium open --no-browser web`,
    )
    .action((given, { browser, daemon }: { readonly browser: boolean; readonly daemon?: boolean }) => {
      if (daemon === false) {
        throw new AppError('unsupported', 'Without a host in the background there is no page to open', {
          hint: 'Leave --no-daemon out.',
        });
      }
      return run(async (client, output) => {
        const id = given === undefined ? undefined : (await findSandbox(client, given)).id;
        if (browser && (await client.system.show({ sandboxId: id })).shown) {
          if (output.json) output.value({ url: null });
          else output.line('It is in Terrarium’s window.');
          return undefined;
        }
        const place = id === undefined ? undefined : `/${id}/overview`;
        const found = await requireLink(homeFolder());
        await requirePage(found.port);
        const { openLink } = await import('../../web/open-link.ts');
        const url = linkTo(found.port, found.token, place);
        if (output.json) output.value({ url });
        else output.line(url);
        if (process.stderr.isTTY) process.stderr.write(`${ONCE}.\n`);
        const problem = browser ? await openLink(url) : null;
        if (problem !== null) process.stderr.write(`${problem}\n`);
        return undefined;
      });
    });
}

async function requirePage(port: number): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${port}/`);
  if (status === 200) return;
  throw new AppError('unsupported', 'The page is not built yet', { hint: 'npm start builds it.' });
}
