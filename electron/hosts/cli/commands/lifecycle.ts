import { Command } from '@commander-js/extra-typings';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import type { Client } from '../../client.ts';
import type { Context } from '../context.ts';
import { tellFailure } from '../failure.ts';
import { findSandbox } from '../find-sandbox.ts';
import { plain } from '../output.ts';
import { duration } from '../spec-options.ts';

type Act = (client: Client, sandbox: Sandbox) => Promise<unknown>;

/** Several are acted on in turn; one that fails does not keep the others from it. */
async function onEach(
  client: Client,
  given: readonly string[],
  act: Act,
  say: (name: string) => void,
): Promise<number> {
  let code = 0;
  for (const each of given) {
    try {
      const sandbox = await findSandbox(client, each);
      await act(client, sandbox);
      say(plain(sandbox.name));
    } catch (error) {
      code = tellFailure(error);
    }
  }
  return code;
}

function simple({ run }: Context, name: 'start' | 'pause' | 'resume' | 'rebuild', description: string) {
  return new Command(name)
    .description(description)
    .argument('<sandbox...>', 'names, or ids or the beginnings of them')
    .addHelpText('after', `\nExample:\n  terrarium ${name} web`)
    .action((given) =>
      run((client, { line }) => onEach(client, given, (_, { id }) => client.sandboxes[name]({ id }), line)),
    );
}

export function lifecycleCommands(context: Context) {
  const { run } = context;
  return [
    simple(context, 'start', 'start sandboxes'),
    new Command('stop')
      .description('stop sandboxes: ask them to end, and kill them after a grace')
      .argument('<sandbox...>', 'names, or ids or the beginnings of them')
      .option('-t, --time <time>', 'the grace, e.g. 5s', duration, 10_000)
      .addHelpText('after', '\nExample:\n  terrarium stop --time 2s web')
      .action((given, { time }) =>
        run((client, { line }) =>
          onEach(client, given, (_, { id }) => client.sandboxes.stop({ id, graceMs: time }), line),
        ),
      ),
    simple(context, 'pause', 'pause all that runs in sandboxes'),
    simple(context, 'resume', 'let paused sandboxes go on'),
    simple(context, 'rebuild', 'make sandboxes again from their specs, with their workspaces'),
    new Command('rm')
      .description('destroy sandboxes with all that runs in them')
      .argument('<sandbox...>', 'names, or ids or the beginnings of them')
      .option('--keep-workspace', 'moves the workspace aside and says where')
      .option('--foreign', 'also what Terrarium has not made')
      .addHelpText('after', '\nExample:\n  terrarium rm web worker')
      .action((given, { keepWorkspace = false, foreign = false }) =>
        run((client, { line }) =>
          onEach(
            client,
            given,
            async (_, { id }) => {
              const { keptWorkspace } = await client.sandboxes.destroy({ id, keepWorkspace, confirmForeign: foreign });
              if (keptWorkspace !== null) line(plain(keptWorkspace));
            },
            line,
          ),
        ),
      ),
  ];
}
