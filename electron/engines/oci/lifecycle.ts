import type Dockerode from 'dockerode';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { Limits } from '../../../shared/model/limits.ts';
import type { Profile } from '../../../shared/model/spec.ts';
import { hostLimitNames } from '../host-limits.ts';
import type { OciClient } from './client.ts';
import { commandFailure, engineMessage, statusOf, toAppError } from './errors.ts';
import { limitsOf, pidsLimit } from './host-config.ts';
import { checkMainProgram } from './main-program.ts';

/** Daemons answer 304 where there is nothing to do; dockerode throws it. */
const NOT_MODIFIED = 304;
/** For the daemon itself to start, kill and clean up, on top of what was asked for. */
const SLACK_MS = 30_000;

const at = (docker: Dockerode, ref: string) => docker.getContainer(ref);

async function unlessDone(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (statusOf(error) !== NOT_MODIFIED) throw error;
  }
}

export async function startContainer(client: OciClient, ref: string): Promise<void> {
  await client.call(
    'start the container',
    (docker, abortSignal) =>
      unlessDone(async () => {
        try {
          await at(docker, ref).start({ abortSignal });
        } catch (error) {
          const text = engineMessage(error);
          const isCommand = /runtime create failed|container process/i.test(text) && /exec: "|chdir to cwd/.test(text);
          if (isCommand || /crun: (?:chdir to|executable file) /.test(text)) {
            throw commandFailure(text);
          }
          throw error;
        }
      }),
    { timeoutMs: 60_000 },
  );
  await checkMainProgram(client, ref);
}

/**
 * Ends the main program with its stop signal, after `graceMs` by force. The rest goes with it: it is
 * the first process of its pid namespace.
 */
export async function stopContainer(client: OciClient, ref: string, graceMs: number): Promise<void> {
  const { State } = await client.call('inspect the container', (docker, abortSignal) =>
    at(docker, ref).inspect({ abortSignal }),
  );
  if (!State.Running && !State.Restarting) return;
  if (State.Paused) await thaw(client, ref);

  // The daemon counts in whole seconds; this timer ends a grace that is none, or not over in time.
  const seconds = Math.ceil(graceMs / 1000);
  const early = graceMs < seconds * 1000 || graceMs === 0;
  const timer = early ? setTimeout(() => void tolerate('all', () => killContainer(client, ref)), graceMs) : undefined;
  try {
    await client.call(
      'stop the container',
      (docker, abortSignal) => unlessDone(() => at(docker, ref).stop({ t: Math.max(1, seconds), abortSignal })),
      { timeoutMs: graceMs + SLACK_MS },
    );
  } finally {
    clearTimeout(timer);
  }
}

async function killContainer(client: OciClient, ref: string): Promise<void> {
  await client.call('kill the container', (docker, abortSignal) =>
    at(docker, ref).kill({ signal: 'SIGKILL', abortSignal }),
  );
}

/** A failure that only says "it is so already, or somebody else was faster". */
async function tolerate(codes: readonly string[] | 'all', run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (codes !== 'all' && !(isAppError(error) && codes.includes(error.code))) throw error;
  }
}

export async function pauseContainer(client: OciClient, ref: string): Promise<void> {
  await client.call('pause the container', (docker, abortSignal) => at(docker, ref).pause({ abortSignal }));
}

export async function unpauseContainer(client: OciClient, ref: string): Promise<void> {
  await client.call('resume the container', (docker, abortSignal) => at(docker, ref).unpause({ abortSignal }));
}

/** Resumes what is paused; that it is not so any more is no failure. */
export async function thaw(client: OciClient, ref: string): Promise<void> {
  await tolerate(['conflict', 'internal', 'not_found'], () => unpauseContainer(client, ref));
}

/** Removes it with its anonymous volumes, from whatever state. Being gone already is success. */
export async function removeContainer(client: OciClient, ref: string): Promise<void> {
  const remove = () =>
    client.call('remove the container', (docker, abortSignal) =>
      at(docker, ref).remove({ force: true, v: true, abortSignal }),
    );
  try {
    await remove();
  } catch (error) {
    if (isAppError(error, 'not_found')) return;
    // "removal … is already in progress": somebody else is at it; it is over when it is not found.
    if (!isAppError(error, 'conflict')) throw error;
    await untilGone(client, ref);
  }
}

async function untilGone(client: OciClient, ref: string): Promise<void> {
  for (const end = Date.now() + SLACK_MS; Date.now() < end; ) {
    try {
      await client.call('inspect the container', (docker, abortSignal) => at(docker, ref).inspect({ abortSignal }));
    } catch (error) {
      if (isAppError(error, 'not_found')) return;
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new AppError('timeout', `${client.engine} is still removing the container`);
}

/** What the host holds itself needs nothing from the engine. */
const LIVE_LIMITS: readonly (keyof Limits)[] = ['cpuCores', 'memoryBytes', 'processes', ...hostLimitNames];

/** Changes what is named in `limits`; what is not named stays. */
export async function updateContainer(
  client: OciClient,
  ref: string,
  limits: Limits,
  was: Limits,
  profile: Profile,
): Promise<void> {
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    if (limits[name] === undefined || limits[name] === was[name] || LIVE_LIMITS.includes(name)) continue;
    throw new AppError('unsupported', `${client.engine} cannot change the limit ${name} of an existing container`, {
      hint: 'Rebuild the sandbox with the new limit',
      details: { field: `limits.${name}` },
    });
  }
  const change = {
    ...limitsOf(limits),
    ...(limits.processes === undefined ? {} : { PidsLimit: pidsLimit(limits, profile) }),
  };
  if (Object.keys(change).length === 0) return;
  await client.call('change the limits', async (docker, abortSignal) => {
    try {
      await client.dialect.update(docker, ref, change, abortSignal);
    } catch (error) {
      const text = engineMessage(error);
      if (/memory/i.test(text) && /smaller|already|less|busy|higher/i.test(text)) {
        throw new AppError('conflict', 'The sandbox uses more memory than the new limit', {
          hint: 'Stop it first, or choose a higher limit',
          details: { field: 'limits.memoryBytes', engine: text },
        });
      }
      throw toAppError(error, client.engine, 'change the limits');
    }
  });
}
