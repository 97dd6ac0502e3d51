import type Dockerode from 'dockerode';
import type { Limits } from '../../../shared/model/limits.ts';
import type { Exit, PortBinding } from '../../../shared/model/sandbox.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import type { Log } from '../../lib/log.ts';
import type { EngineObject } from '../engine.ts';
import { exitOf, KILLED, OUT_OF_CPU_TIME } from './exit.ts';
import { readOwned } from './labels.ts';

export const WORKSPACE = '/workspace';
/** In the sandbox's own folder on this machine. */
export const WORKSPACE_FOLDER = 'workspace';

export interface ObjectContext {
  readonly kind: EngineKind;
  readonly owner: string;
  readonly log: Log;
}

/** One container as the rest of Terrarium knows it, from the engine's `inspect`. */
export function toEngineObject(info: Dockerode.ContainerInspectInfo, context: ObjectContext): EngineObject {
  const name = info.Name.replace(/^\//, '');
  const image = info.Config.Image;
  const owned = readOwned(info.Config.Labels ?? {}, context.owner, { ...context, name, image });
  const state = stateOf(info.State);
  return {
    ref: info.Id,
    owned,
    name,
    source: image,
    state,
    createdAt: time(info.Created) ?? 0,
    startedAt: time(info.State.StartedAt),
    stoppedAt: state === 'stopped' ? time(info.State.FinishedAt) : null,
    exit: state === 'stopped' ? mainExit(info.State, owned?.spec.limits ?? {}) : null,
    ports: portsOf(info, state === 'running' || state === 'paused'),
    workspace: owned ? (info.Mounts.find((mount) => mount.Destination === WORKSPACE)?.Source ?? null) : null,
  };
}

function stateOf(state: Dockerode.ContainerInspectInfo['State']): EngineObject['state'] {
  if (state.Paused) return 'paused';
  if (state.Running || state.Restarting) return 'running';
  // A container that failed to start stays "created", with an exit code; it can be started again.
  return state.Status === 'created' || state.Status === 'configured' || state.Status === 'initialized'
    ? 'ready'
    : 'stopped';
}

function mainExit(state: Dockerode.ContainerInspectInfo['State'], limits: Limits): Exit {
  const exit = exitOf(state.ExitCode);
  // One process alone has reached it, before the host added all of them up.
  if (exit.code === OUT_OF_CPU_TIME && limits.cpuTimeMs !== undefined) return { ...exit, limit: 'cpuTimeMs' };
  // The engine sets the flag also when a child alone was killed and the main program lived on.
  return state.OOMKilled && exit.code === KILLED ? { ...exit, limit: 'memoryBytes' } : exit;
}

/** Engines write year 1 for "never". */
function time(text: string): number | null {
  const value = Date.parse(text);
  return Number.isFinite(value) && value > 0 ? value : null;
}

function portsOf(info: Dockerode.ContainerInspectInfo, live: boolean): readonly PortBinding[] {
  const table: unknown = live ? info.NetworkSettings.Ports : info.HostConfig.PortBindings;
  const found: PortBinding[] = [];
  for (const [key, bindings] of Object.entries((table ?? {}) as Record<string, PortTableEntry[] | null>)) {
    const [port, protocol] = key.split('/');
    for (const binding of bindings ?? []) {
      const hostPort = Number(binding.HostPort);
      if ((protocol === 'tcp' || protocol === 'udp') && hostPort > 0) {
        found.push({ port: Number(port), hostIp: binding.HostIp ?? '', hostPort, protocol });
      }
    }
  }
  return found;
}

interface PortTableEntry {
  readonly HostIp?: string;
  readonly HostPort?: string;
}
