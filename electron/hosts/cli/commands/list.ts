import { Command } from '@commander-js/extra-typings';
import { applyChanges } from '../../../../shared/contract/sandbox-changes.ts';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import { formatAge } from '../../../../shared/units.ts';
import type { Context } from '../context.ts';
import { filterOption, fitsAll } from '../filter.ts';
import { findSandbox, shortId } from '../find-sandbox.ts';
import { type Output, plain, table } from '../output.ts';
import { openScreen } from '../screen.ts';

const colours = { running: 'green', error: 'red', lost: 'red', paused: 'yellow' } as const;

function listing(sandboxes: readonly Sandbox[], output: Output): string {
  const rows = sandboxes
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .map((sandbox) => [
      shortId(sandbox.id),
      plain(sandbox.name),
      sandbox.engine,
      output.style(colours[sandbox.state as keyof typeof colours] ?? 'dim', sandbox.state),
      formatAge(Date.now() - sandbox.createdAt),
      sandbox.ports.map(({ hostPort, port }) => `${hostPort}→${port}`).join(' '),
      plain(sandbox.source),
    ]);
  return table(['ID', 'NAME', 'ENGINE', 'STATE', 'AGE', 'PORTS', 'FROM'], rows);
}

export function listCommand({ run }: Context) {
  return new Command('ls')
    .alias('list')
    .description('list sandboxes')
    .option('-a, --all', 'also those that Terrarium has not made')
    .option('-w, --watch', 'again after every change, until Ctrl+C')
    .addOption(filterOption)
    .addHelpText(
      'after',
      '\nExamples:\n  terrarium ls\n  terrarium ls --filter state=running --filter label=team=web\n  terrarium ls --json | jq -r ".[].name"',
    )
    .action(({ all = false, watch = false, filter }) =>
      run(async (client, output, signal) => {
        const fits = fitsAll(filter);
        const chosen = (sandboxes: readonly Sandbox[]) =>
          sandboxes.filter((sandbox) => (all || !sandbox.foreign) && fits(sandbox));
        if (!watch) {
          const shown = chosen(await client.sandboxes.list({}));
          if (output.json) output.value(shown);
          else output.line(listing(shown, output));
          return undefined;
        }
        const screen = openScreen(output);
        try {
          let byId: ReadonlyMap<string, Sandbox> = new Map();
          for await (const change of await client.sandboxes.watch({}, { signal })) {
            byId = applyChanges(byId, [change]);
            const shown = chosen([...byId.values()]);
            if (output.json) output.record(shown);
            else screen.draw(listing(shown, output));
          }
        } finally {
          screen.close();
        }
        return undefined;
      }),
    );
}

export function showCommand({ run }: Context) {
  return new Command('show')
    .description('what a sandbox is, as JSON with or without --json')
    .argument('<sandbox>', 'its name, or its id or the beginning of it')
    .option('--engine', 'what the engine itself says of it')
    .addHelpText('after', '\nExamples:\n  terrarium show web\n  terrarium show web --engine')
    .action((given, { engine = false }) =>
      run(async (client, output) => {
        const sandbox = await findSandbox(client, given);
        output.value(engine ? await client.sandboxes.inspect({ id: sandbox.id }) : sandbox);
        return undefined;
      }),
    );
}
