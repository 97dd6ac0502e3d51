import { createHash } from 'node:crypto';
import type { EventType } from '../../../shared/model/event.ts';
import { limitInWords } from '../../../shared/model/limits.ts';
import type { Exit, Sandbox } from '../../../shared/model/sandbox.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import type { EngineObject, EngineRef } from '../../engines/engine.ts';

/** The id under which a foreign object is shown: the same each time, and it tells nothing of the object. */
export function foreignId(engine: EngineKind, ref: EngineRef): string {
  return `sbx_${createHash('sha256').update(`${engine}\0${ref}`).digest('hex').slice(0, 20)}`;
}

export function foreignSandbox(engine: EngineKind, object: EngineObject): Sandbox {
  return {
    id: foreignId(engine, object.ref),
    name: object.name,
    engine,
    state: object.state,
    foreign: true,
    spec: null,
    source: object.source,
    generation: 0,
    createdAt: object.createdAt,
    startedAt: object.startedAt,
    stoppedAt: object.stoppedAt,
    exit: object.exit,
    error: null,
    ports: [...object.ports],
    workspace: object.workspace,
  };
}

/** A sandbox of ours brought up to date with what the engine says of its object. */
export function observe(sandbox: Sandbox, object: EngineObject): Sandbox {
  // An object that is merely there does not undo the reason why its start failed.
  const stillFailed = sandbox.state === 'error' && (object.state === 'ready' || object.state === 'stopped');
  return {
    ...sandbox,
    state: stillFailed ? 'error' : object.state,
    error: stillFailed ? sandbox.error : null,
    source: object.source,
    startedAt: object.startedAt,
    stoppedAt: object.stoppedAt,
    // A limit that Terrarium itself enforced is not known to the engine.
    exit:
      object.exit && sandbox.exit?.limit && !object.exit.limit
        ? { ...object.exit, limit: sandbox.exit.limit }
        : object.exit,
    ports: [...object.ports],
    workspace: object.workspace,
  };
}

export function describeExit(exit: Exit | null): string {
  if (exit?.limit) return `limit ${exit.limit}`;
  if (exit?.signal) return exit.signal;
  if (exit?.code === null || exit?.code === undefined) return 'exit code unknown';
  // Shells and container engines report death by signal N as 128 + N; 137 and 143 are worth spelling out.
  const killed = exit.code === 137 ? ', SIGKILL' : exit.code === 143 ? ', SIGTERM' : '';
  return `exit code ${exit.code}${killed}`;
}

export interface Happening {
  readonly type: EventType;
  readonly message: string;
}

/** What to tell of a change that nobody asked Terrarium for. */
export function describeChange(before: Sandbox, after: Sandbox): Happening | null {
  if (before.state === after.state) return null;
  if (before.state === 'lost') return { type: 'found', message: `Found again, ${after.state}` };
  if (before.state === 'creating') return { type: 'adopted', message: 'Found after an interrupted creation' };
  switch (after.state) {
    case 'running':
      return before.state === 'paused'
        ? { type: 'resumed', message: 'Resumed from outside' }
        : { type: 'started', message: 'Started from outside' };
    case 'paused':
      return { type: 'paused', message: 'Paused from outside' };
    case 'stopped':
      return after.exit?.limit
        ? { type: 'limit_exceeded', message: `Ended by its limit of ${limitInWords(after.exit.limit)}` }
        : {
            type: 'exited',
            message: `The main program ended or was stopped from outside (${describeExit(after.exit)})`,
          };
    default:
      return null;
  }
}
