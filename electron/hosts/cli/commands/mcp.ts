import { once } from 'node:events';
import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import type { Fixed } from '../mcp/session.ts';
import { type SpecFlags, specOf, specOptions } from '../spec-options.ts';

/** Their values are of the agent's choosing, one sandbox after another. */
const NOT_FIXED = new Set(['name', 'port']);

export function mcpCommand({ run, version }: Context) {
  const command = new Command('mcp').description(
    'sandboxes for an agent: an MCP server on standard input and output; what is given here the agent cannot change',
  );
  for (const option of specOptions) if (!NOT_FIXED.has(option.attributeName())) command.addOption(option);
  return command
    .option('--keep', 'leaves its sandboxes when the agent is done')
    .addHelpText(
      'after',
      `
An agent sees and destroys only what it made; its sandboxes carry the label mcp.session.

Examples:
  terrarium mcp
  terrarium mcp --engine docker --image python:3.13 --network none --memory 1GiB

In an agent's configuration:
  {"mcpServers": {"terrarium": {"command": "terrarium", "args": ["mcp"]}}}`,
    )
    .action(({ keep = false, ...flags }) =>
      run(async (client, _output, signal) => {
        // Loaded by nobody else.
        const [{ StdioServerTransport, serveStdio }, { createMcpServer }, { createAgentSession }] = await Promise.all([
          import('@modelcontextprotocol/server/stdio'),
          import('../mcp/server.ts'),
          import('../mcp/session.ts'),
        ]);
        const session = createAgentSession(client, await fixedBy(flags as SpecFlags));
        const served = serveStdio(() => createMcpServer(client, session, version), {
          transport: new StdioServerTransport(),
          onerror: (error) => process.stderr.write(`terrarium mcp: ${error.message}\n`),
        });
        try {
          await once(process.stdin, 'end', { signal }).catch(() => signal.throwIfAborted());
        } finally {
          await served.close();
          if (!keep) await session.clear();
        }
        return 0;
      }),
    );
}

/** Only what was given: the rest is the agent's to ask for. */
async function fixedBy(flags: SpecFlags): Promise<Fixed> {
  const { env, labels, limits, source, engine, ...others } = await specOf(flags, []);
  const isGiven = flags.file !== undefined;
  const hasSource = isGiven || [flags.image, flags.directory, flags.module].some((each) => each !== undefined);
  return {
    ...others,
    ...(isGiven || flags.engine !== undefined || hasSource ? { engine } : {}),
    ...(hasSource ? { source } : {}),
    ...(Object.keys(env ?? {}).length === 0 ? {} : { env }),
    limits,
    labels,
  };
}
