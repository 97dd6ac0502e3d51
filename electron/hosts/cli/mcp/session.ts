import { randomBytes } from 'node:crypto';
import { AGENT_LABEL } from '../../../../shared/model/agent-label.ts';
import { AppError } from '../../../../shared/model/error.ts';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../../../shared/model/spec.ts';
import type { Client } from '../../client.ts';

/** What the user fixed for all sandboxes of a session: an agent cannot ask for something else. */
export type Fixed = Partial<SandboxSpecInput>;

/** One agent's sandboxes: those that it made, and no others. */
export interface AgentSession {
  readonly create: (asked: Fixed, agent: string, signal: AbortSignal) => Promise<Sandbox>;
  /** Throws `not_found` for one of anybody else. */
  readonly find: (idOrName: string) => Promise<Sandbox>;
  readonly list: () => Promise<readonly Sandbox[]>;
  readonly destroy: (idOrName: string) => Promise<void>;
  /** Destroys all that it made. */
  readonly clear: () => Promise<void>;
}

/** Agents hardly ever mean more, and one that has lost its way makes one after another. */
const MOST_SANDBOXES = 20;

export function createAgentSession(client: Client, fixed: Fixed): AgentSession {
  const id = randomBytes(4).toString('hex');
  const isMine = ({ spec }: Sandbox) => spec?.labels[AGENT_LABEL]?.endsWith(`/${id}`) ?? false;
  const list = async () => (await client.sandboxes.list({})).filter(isMine);

  const find = async (idOrName: string) => {
    const found = (await list()).find((sandbox) => sandbox.id === idOrName || sandbox.name === idOrName);
    if (found) return found;
    throw new AppError('not_found', `This session has no sandbox “${idOrName}”`, {
      hint: 'Make one with create_sandbox; list_sandboxes has those that there are.',
    });
  };
  const destroy = async (idOrName: string) => {
    await client.sandboxes.destroy({ id: (await find(idOrName)).id });
  };

  return {
    list,
    find,
    destroy,
    async create(asked, agent, signal) {
      refuseFixed(asked, fixed);
      if ((await list()).length >= MOST_SANDBOXES) {
        throw new AppError('limit_exceeded', `This session has ${MOST_SANDBOXES} sandboxes`, {
          hint: 'Destroy some with destroy_sandbox.',
        });
      }
      const limits = { ...asked.limits, ...fixed.limits };
      const labels = { ...fixed.labels, [AGENT_LABEL]: `${nameOf(agent)}/${id}` };
      const whole = { ...asked, ...fixed, limits, labels };
      const source = whole.source ?? { type: 'empty' };
      const spec: SandboxSpecInput = { ...whole, source, engine: whole.engine ?? (await usualEngine(client, source)) };
      return await client.sandboxes.createAndWait({ spec }, { signal });
    },
    async clear() {
      for (const sandbox of await list()) await client.sandboxes.destroy({ id: sandbox.id });
    },
  };
}

/** Nothing that was asked for is silently another thing. */
function refuseFixed(asked: Fixed, fixed: Fixed): void {
  const names = [
    ...Object.keys(asked).filter((name) => name !== 'limits' && name in fixed),
    ...Object.keys(asked.limits ?? {}).filter((name) => name in (fixed.limits ?? {})),
  ];
  if (names.length === 0) return;
  throw new AppError('denied', `The user has fixed ${names.join(' and ')} for this session`, {
    hint: 'Leave it out.',
  });
}

/** Never a plain process: nobody asked for code of an agent to run without isolation. */
async function usualEngine(
  client: Client,
  { type }: Pick<SandboxSpecInput['source'], 'type'>,
): Promise<SandboxSpecInput['engine']> {
  const engines = await client.engines.list({});
  const wanted = type === 'image' ? (['docker', 'podman'] as const) : (['namespace'] as const);
  const found = wanted.find((kind) => engines.some((engine) => engine.kind === kind && engine.status === 'available'));
  if (found) return found;
  throw new AppError('engine_unavailable', `There is no ${wanted.join(' and no ')} here`, {
    hint: 'list_engines tells what there is; ask for one of those.',
  });
}

/** Of a client that may call itself anything. */
const nameOf = (agent: string): string => agent.replace(/[^\w .-]/g, '').slice(0, 40) || 'agent';
