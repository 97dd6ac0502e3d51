import { once } from 'node:events';
import { Command, Option } from '@commander-js/extra-typings';
import { AppError } from '../../../../shared/model/error.ts';
import { ttlSchema } from '../../../../shared/model/spec.ts';
import { createConnection } from '../../client/connection.ts';
import type { Context } from '../context.ts';
import type { Fixed } from '../mcp/session.ts';
import { duration, fileOf, type SpecFlags, specOptions, specOver } from '../spec-options.ts';

/** Two sandboxes cannot have them at once. */
const NOT_FIXED = new Set(['name', 'port']);

const HOUR_MS = 60 * 60 * 1000;
const LEASE_MS = 24 * HOUR_MS;
/** Several times while it lasts, as the host may be away for a while. */
const renewalMs = (leaseMs: number) => Math.min(leaseMs / 4, HOUR_MS);

type McpFlags = SpecFlags & { readonly keep?: boolean; readonly ttl?: number; readonly daemon?: boolean };

export function mcpCommand({ run, version }: Context) {
  const command = new Command('mcp').description(
    'sandboxes for an agent: an MCP server on standard input and output; what is given here the agent cannot change',
  );
  for (const option of specOptions) if (!NOT_FIXED.has(option.attributeName())) command.addOption(option);
  return command
    .option('--keep', 'leaves its sandboxes when the agent is done')
    .addOption(
      new Option(
        '--ttl <time>',
        'its sandboxes are destroyed so long after this server was last there (default: 24h; with --keep never)',
      ).argParser(duration),
    )
    .addHelpText(
      'after',
      `
An agent sees and destroys only what it made; its sandboxes carry the label mcp.session. Engines that
do not isolate (process, virtualenv) it gets only with --engine here: code in them can read what you can.
Its sandboxes are destroyed when it is done. A server that is killed cannot do that: they then go after --ttl.

Examples:
  terrarium mcp
  terrarium mcp --engine docker --image python:3.13 --network none --memory 1GiB

In an agent's configuration:
  {"mcpServers": {"terrarium": {"command": "terrarium", "args": ["mcp"]}}}`,
    )
    .action(({ keep = false, ttl, ...flags }: McpFlags) =>
      run(async (client, _output, signal) => {
        // Loaded by nobody else.
        const [{ StdioServerTransport, serveStdio }, { createMcpServer }, { createAgentSession }] = await Promise.all([
          import('@modelcontextprotocol/server/stdio'),
          import('../mcp/server.ts'),
          import('../mcp/session.ts'),
        ]);
        // An agent's session can outlive a host: then the next one is found.
        const lasting = flags.daemon === false ? { client, close: () => undefined } : createConnection();
        if (!ttlSchema.optional().safeParse(ttl).success) {
          throw new AppError('invalid_input', '--ttl is too short', { hint: 'Give at least 1s.' });
        }
        const leaseMs = ttl ?? (keep ? undefined : LEASE_MS);
        const session = createAgentSession(lasting.client, await fixedBy(flags), leaseMs);
        const tell = (error: Error) => process.stderr.write(`terrarium mcp: ${error.message}\n`);
        const renewal =
          leaseMs === undefined ? undefined : setInterval(() => session.renew().catch(tell), renewalMs(leaseMs));
        const served = serveStdio(() => createMcpServer(lasting.client, session, version), {
          transport: new StdioServerTransport(),
          onerror: tell,
        });
        try {
          await once(process.stdin, 'end', { signal }).catch(() => signal.throwIfAborted());
        } finally {
          clearInterval(renewal);
          await served.close();
          if (!keep) await session.clear();
          lasting.close();
        }
        return 0;
      }),
    );
}

/** Only what was given: the rest is the agent's to ask for. */
async function fixedBy(flags: SpecFlags): Promise<Fixed> {
  const asFile = await fileOf(flags);
  for (const name of ['name', 'ports']) {
    if (!(name in asFile)) continue;
    throw new AppError('invalid_input', `${flags.file}: ${name} is for one sandbox only`, {
      hint: 'Take it out: an agent makes several.',
    });
  }
  const { env, labels, limits, source, engine, ...others } = await specOver(asFile, flags, []);
  const hasEngine = flags.engine !== undefined || 'engine' in asFile;
  const hasSource =
    'source' in asFile || [flags.image, flags.directory, flags.module].some((each) => each !== undefined);
  return {
    ...others,
    ...(hasEngine ? { engine } : {}),
    ...(hasSource ? { source } : {}),
    ...(Object.keys(env ?? {}).length === 0 ? {} : { env }),
    limits,
    labels,
  };
}
