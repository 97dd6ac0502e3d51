import { randomBytes } from 'node:crypto';
import { AGENT_LABEL } from '../../../../shared/model/agent-label.ts';
import { AppError, isAppError } from '../../../../shared/model/error.ts';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import type { SandboxSpecInput, Source } from '../../../../shared/model/spec.ts';
import { createKeyedLock } from '../../../lib/keyed-lock.ts';
import type { Client } from '../../client/connection.ts';

/** What the user fixed for all sandboxes of a session: an agent cannot ask for something else. */
export type Fixed = Partial<SandboxSpecInput>;

/** One agent's sandboxes: those that it made, and no others. */
export interface AgentSession {
  readonly create: (asked: Fixed, agent: string, signal: AbortSignal) => Promise<Sandbox>;
  /** Throws `not_found` for one of anybody else. */
  readonly find: (idOrName: string) => Promise<Sandbox>;
  readonly list: () => Promise<readonly Sandbox[]>;
  readonly destroy: (idOrName: string, signal: AbortSignal) => Promise<void>;
  /** Puts off the end that its sandboxes have by `leaseMs`. */
  readonly renew: () => Promise<void>;
  /** Destroys all that it made. */
  readonly clear: () => Promise<void>;
}

/** Agents hardly ever mean more, and one that has lost its way makes one after another. */
const MOST_SANDBOXES = 20;

/**
 * `leaseMs`: its sandboxes are destroyed so long after the last `renew`, by the host, as a session that is killed cannot do
 * it. An end that the user has fixed for each (`ttlMs`) is not put off.
 */
export function createAgentSession(client: Client, fixed: Fixed, leaseMs?: number): AgentSession {
  const lease = fixed.ttlMs === undefined ? leaseMs : undefined;
  const id = randomBytes(4).toString('hex');
  const isMine = ({ spec }: Sandbox) => spec?.labels[AGENT_LABEL]?.endsWith(`/${id}`) ?? false;
  const list = async () => (await client.sandboxes.list({})).filter(isMine);
  const creations = createKeyedLock();

  const find = async (idOrName: string) => {
    const found = (await list()).find((sandbox) => sandbox.id === idOrName || sandbox.name === idOrName);
    if (found) return found;
    throw new AppError('not_found', `This session has no sandbox “${idOrName}”`, {
      hint: 'Make one with create_sandbox; list_sandboxes has those that there are.',
    });
  };

  const specFor = async (asked: Fixed, agent: string): Promise<SandboxSpecInput> => {
    refuseFixed(asked, fixed);
    const limits = { ...asked.limits, ...fixed.limits };
    const labels = { ...fixed.labels, [AGENT_LABEL]: `${nameOf(agent)}/${id}` };
    const whole = { ...asked, ...(lease === undefined ? {} : { ttlMs: lease }), ...fixed, limits, labels };
    const engines = await client.engines.list({});
    const engine = whole.engine ?? usualEngine(engines, whole.source ?? { type: 'empty' });
    if (fixed.engine === undefined) refuseUnisolated(engines, engine, whole.runtime);
    return { ...whole, engine };
  };

  return {
    list,
    find,
    create: (asked, agent, signal) =>
      // One after another, or many at once would each find room.
      creations.run(id, async () => {
        if ((await list()).length >= MOST_SANDBOXES) {
          throw new AppError('limit_exceeded', `This session has ${MOST_SANDBOXES} sandboxes`, {
            hint: 'Destroy some with destroy_sandbox.',
          });
        }
        return await client.sandboxes.createAndWait({ spec: await specFor(asked, agent) }, { signal });
      }),
    async destroy(idOrName, signal) {
      await client.sandboxes.destroy({ id: (await find(idOrName)).id }, { signal });
    },
    async renew() {
      if (lease === undefined) return;
      for (const sandbox of await list()) {
        const ttlMs = Date.now() - sandbox.createdAt + lease;
        await client.sandboxes.update({ id: sandbox.id, ttlMs }).catch((error: unknown) => {
          if (!isAppError(error, 'not_found')) throw error;
        });
      }
    },
    async clear() {
      const all = await list();
      const ended = await Promise.allSettled(all.map((sandbox) => client.sandboxes.destroy({ id: sandbox.id })));
      for (const each of ended) if (each.status === 'rejected') throw each.reason;
    },
  };
}

type Report = Awaited<ReturnType<Client['engines']['list']>>[number];

/**
 * Code that nothing keeps from this user's files reads the host's token too, and with that has everything of Terrarium's.
 * So only the user can choose that, see `Fixed`.
 */
export function isIsolated({ capabilities, runtimes }: Report, runtime: string | undefined): boolean {
  const used = runtimes.find(({ name }) => name === runtime)?.capabilities ?? capabilities;
  return used.isolation !== 'none';
}

function refuseUnisolated(
  engines: readonly Report[],
  kind: SandboxSpecInput['engine'],
  runtime: string | undefined,
): void {
  const report = engines.find((engine) => engine.kind === kind);
  if (report && isIsolated(report, runtime)) return;
  throw new AppError('denied', `The engine ${kind} does not isolate what runs in it`, {
    hint: `Choose another one, see list_engines; only the user can allow it: terrarium mcp --engine ${kind}`,
  });
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

function usualEngine(engines: readonly Report[], { type }: Pick<Source, 'type'>): SandboxSpecInput['engine'] {
  const wanted = wantedFor[type];
  const found = wanted.find((kind) => engines.some((engine) => engine.kind === kind && engine.status === 'available'));
  if (found) return found;
  throw new AppError('engine_unavailable', `There is no ${wanted.join(' and no ')} here`, {
    hint: 'list_engines tells what there is; ask for one of those.',
  });
}

const wantedFor = {
  empty: ['namespace'],
  directory: ['namespace'],
  image: ['docker', 'podman'],
  module: ['wasm'],
} as const;

/** Of a client that may call itself anything. */
const nameOf = (agent: string): string => agent.replace(/[^\w .-]/g, '').slice(0, 40) || 'agent';
