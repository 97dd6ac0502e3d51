import { isUtf8 } from 'node:buffer';
import { CLIENT_INFO_META_KEY, McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { engineKinds } from '../../../../shared/model/kinds.ts';
import type { Client } from '../../client/connection.ts';
import { answer, refusal, shortened, summaryOf, whole } from './answers.ts';
import type { AgentSession, Fixed } from './session.ts';

const MIB = 1024 * 1024;
const USUAL_SECONDS = 60;
const MOST_SECONDS = 3600;

const implementationSchema = z.object({ name: z.string() });
const MOST_FILES = 1000;
const aPath = z.string().min(1).describe('Absolute as in the sandbox, or from its working directory on');
const aSandbox = z.string().min(1).describe('Its id or its name, as create_sandbox gave it');

/** A server of one connection: tools for sandboxes of this machine, with what its engines hold. */
export function createMcpServer(client: Client, session: AgentSession, version: string): McpServer {
  const server = new McpServer({ name: 'terrarium', title: 'Terrarium', version });
  /** Newer clients say with every request who they are, older ones once. */
  const agentOf = ({ mcpReq }: ServerContext) => {
    const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
    const { data } = implementationSchema.safeParse(envelope[CLIENT_INFO_META_KEY]);
    return (data ?? server.server.getClientVersion())?.name ?? 'agent';
  };

  server.registerTool(
    'list_engines',
    {
      title: 'List engines',
      description: 'What can hold a sandbox on this machine, how strongly, and what is missing for the others.',
      inputSchema: z.strictObject({}),
      annotations: { readOnlyHint: true },
    },
    reported(async () => {
      const engines = await client.engines.list({});
      return {
        engines: engines.map(({ kind, status, reason, capabilities, runtimes }) => ({
          engine: kind,
          status,
          ...(reason === null ? {} : { reason }),
          isolation: capabilities.isolation,
          runtimes: runtimes.map(({ name, capabilities: its }) => ({ name, isolation: its.isolation })),
        })),
      };
    }),
  );

  server.registerTool(
    'create_sandbox',
    {
      title: 'Create a sandbox',
      description:
        'Makes and starts a sandbox. Without an engine it is one of Linux namespaces with this machine’s programs, read-only, and an empty workspace; with an image, a container. Its folder to work in is where commands run.',
      inputSchema: z.strictObject({
        name: z.string().optional().describe('Made up when missing'),
        engine: z.enum(engineKinds).optional().describe('One that isolates, unless the user has fixed another'),
        image: z.string().optional().describe('A container image, for docker and podman'),
        runtime: z.string().optional().describe('A runtime of the engine, e.g. python or quickjs of wasm'),
        network: z.enum(['none', 'loopback', 'full']).optional().describe('What it reaches'),
        memory_mib: z.number().positive().optional(),
        cpus: z.number().positive().optional(),
        lifetime_seconds: z.number().positive().optional().describe('Stopped after so long'),
        env: z.record(z.string(), z.string()).optional(),
      }),
    },
    reported(async (asked, context) =>
      summaryOf(await session.create(specOf(asked), agentOf(context), context.mcpReq.signal)),
    ),
  );

  server.registerTool(
    'run_command',
    {
      title: 'Run a command',
      description: `Runs a command in a sandbox to its end. Killed after timeout_seconds (${USUAL_SECONDS} when missing). Long output loses its middle.`,
      inputSchema: z.strictObject({
        sandbox: aSandbox,
        command: z
          .union([z.string().min(1), z.array(z.string()).min(1)])
          .describe('Text for sh -c, or a program and its arguments'),
        workdir: z.string().optional().describe('An absolute path in the sandbox'),
        stdin: z.string().optional(),
        timeout_seconds: z.number().positive().max(MOST_SECONDS).default(USUAL_SECONDS),
      }),
      annotations: { destructiveHint: true },
    },
    reported(async ({ sandbox, command, workdir, stdin, timeout_seconds }, { mcpReq }) => {
      const { id } = await session.find(sandbox);
      const { execution, stdout, stderr } = await client.executions.runAndWait(
        {
          sandboxId: id,
          command: typeof command === 'string' ? ['sh', '-c', command] : command,
          timeoutMs: Math.ceil(timeout_seconds * 1000),
          ...(workdir === undefined ? {} : { workdir }),
          ...(stdin === undefined ? {} : { stdin }),
        },
        { signal: mcpReq.signal },
      );
      const { state, exit, startedAt, endedAt } = execution;
      return {
        state,
        exit_code: exit?.code ?? null,
        ...(exit?.signal ? { signal: exit.signal } : {}),
        ...(exit?.limit ? { ended_by_limit: exit.limit } : {}),
        stdout: shortened(stdout),
        stderr: shortened(stderr),
        duration_ms: (endedAt ?? startedAt) - startedAt,
      };
    }),
  );

  server.registerTool(
    'read_file',
    {
      title: 'Read a file',
      description: 'A file of a sandbox as text, or as base64 where it is none. Long text loses its middle.',
      inputSchema: z.strictObject({ sandbox: aSandbox, path: aPath }),
      annotations: { readOnlyHint: true },
    },
    reported(async ({ sandbox, path }, { mcpReq: { signal } }) => {
      const { id: sandboxId } = await session.find(sandbox);
      const { content, size } = await client.files.readWhole({ sandboxId, path, encoding: 'base64' }, { signal });
      const bytes = Buffer.from(content, 'base64');
      return isUtf8(bytes)
        ? { path, size, text: shortened(bytes.toString('utf8')) }
        : { path, size, base64: whole(content, path) };
    }),
  );

  server.registerTool(
    'write_file',
    {
      title: 'Write a file',
      description: 'Writes a file of a sandbox, with the folders that it lies in, and replaces what is there.',
      inputSchema: z.strictObject({
        sandbox: aSandbox,
        path: aPath,
        content: z.string(),
        encoding: z.enum(['utf8', 'base64']).default('utf8'),
      }),
      annotations: { destructiveHint: true },
    },
    reported(async ({ sandbox, path, content, encoding }, { mcpReq: { signal } }) => {
      const { id: sandboxId } = await session.find(sandbox);
      return { path, ...(await client.files.writeWhole({ sandboxId, path, content, encoding }, { signal })) };
    }),
  );

  server.registerTool(
    'list_files',
    {
      title: 'List files',
      description: `What is in a folder of a sandbox, at most ${MOST_FILES} entries.`,
      inputSchema: z.strictObject({ sandbox: aSandbox, path: aPath.default('.') }),
      annotations: { readOnlyHint: true },
    },
    reported(async ({ sandbox, path }, { mcpReq: { signal } }) => {
      const { id: sandboxId } = await session.find(sandbox);
      const { entries, truncated } = await client.files.list({ sandboxId, path }, { signal });
      const shown = entries.slice(0, MOST_FILES).map(({ name, type, size }) => ({ name, type, size }));
      return { path, entries: shown, truncated: truncated || shown.length < entries.length };
    }),
  );

  server.registerTool(
    'list_sandboxes',
    {
      title: 'List sandboxes',
      description: 'The sandboxes of this session.',
      inputSchema: z.strictObject({}),
      annotations: { readOnlyHint: true },
    },
    reported(async () => ({ sandboxes: (await session.list()).map(summaryOf) })),
  );

  server.registerTool(
    'destroy_sandbox',
    {
      title: 'Destroy a sandbox',
      description: 'Ends all that runs in it and deletes its workspace.',
      inputSchema: z.strictObject({ sandbox: aSandbox }),
      annotations: { destructiveHint: true },
    },
    reported(async ({ sandbox }, { mcpReq }) => {
      await session.destroy(sandbox, mcpReq.signal);
      return { destroyed: sandbox };
    }),
  );
  return server;
}

interface Asked {
  readonly name?: string | undefined;
  readonly engine?: (typeof engineKinds)[number] | undefined;
  readonly image?: string | undefined;
  readonly runtime?: string | undefined;
  readonly network?: 'none' | 'loopback' | 'full' | undefined;
  readonly memory_mib?: number | undefined;
  readonly cpus?: number | undefined;
  readonly lifetime_seconds?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

function specOf({ name, engine, image, runtime, network, memory_mib, cpus, lifetime_seconds, env }: Asked): Fixed {
  const limits = {
    ...(memory_mib === undefined ? {} : { memoryBytes: Math.round(memory_mib * MIB) }),
    ...(cpus === undefined ? {} : { cpuCores: cpus }),
    ...(lifetime_seconds === undefined ? {} : { wallTimeMs: Math.ceil(lifetime_seconds * 1000) }),
  };
  return {
    ...(name === undefined ? {} : { name }),
    ...(engine === undefined ? {} : { engine }),
    ...(image === undefined ? {} : { source: { type: 'image', reference: image } }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(network === undefined ? {} : { network: { mode: network } }),
    ...(env === undefined ? {} : { env: { ...env } }),
    limits,
  };
}

/** What fails is told to the agent, which the protocol’s own errors are not meant for. */
function reported<Input>(work: (input: Input, context: ServerContext) => Promise<Readonly<Record<string, unknown>>>) {
  return async (input: Input, context: ServerContext) => {
    try {
      return answer(await work(input, context));
    } catch (error) {
      return refusal(error);
    }
  };
}
