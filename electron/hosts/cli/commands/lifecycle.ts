import { Command, Option } from '@commander-js/extra-typings';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import type { Context } from '../context.ts';
import { onEach } from '../on-each.ts';
import { duration } from '../spec-options.ts';

function simple({ run }: Context, name: 'start' | 'pause' | 'resume' | 'rebuild', description: string) {
  return new Command(name)
    .description(description)
    .argument('<sandbox...>', 'names, or ids or the beginnings of them')
    .addHelpText('after', `\nExample:\n  terrarium ${name} web`)
    .action((given) =>
      run((client, output) =>
        onEach(client, given, async ({ id }) => ({ sandbox: await client.sandboxes[name]({ id }) }), output),
      ),
    );
}

export function lifecycleCommands(context: Context) {
  const { run } = context;
  return [
    simple(context, 'start', 'start sandboxes'),
    new Command('stop')
      .description('stop sandboxes: ask them to end, and kill them after a grace')
      .argument('<sandbox...>', 'names, or ids or the beginnings of them')
      .addOption(new Option('-t, --time <time>', 'the grace, e.g. 5s').argParser(duration).default(10_000, '10s'))
      .addHelpText('after', '\nExample:\n  terrarium stop --time 2s web')
      .action((given, { time }) =>
        run((client, output) => {
          const stop = async ({ id }: Sandbox) => ({ sandbox: await client.sandboxes.stop({ id, graceMs: time }) });
          return onEach(client, given, stop, output);
        }),
      ),
    simple(context, 'pause', 'pause all that runs in sandboxes'),
    simple(context, 'resume', 'let paused sandboxes go on'),
    simple(context, 'rebuild', 'make sandboxes again from their specs, with their workspaces'),
  ];
}
