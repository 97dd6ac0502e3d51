import type Dockerode from 'dockerode';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import type { EngineChange, EngineObject } from '../engine.ts';
import type { OciClient } from './client.ts';

/** Limits that change while a container runs, in Docker's words. */
export type LiveLimits = Pick<Dockerode.HostConfig, 'NanoCpus' | 'Memory' | 'MemorySwap' | 'PidsLimit'>;

/** Where engines with Docker's API differ. What is asked for and what is found is in Docker's words. */
export interface OciDialect {
  /** Makes a container that is not started; gives its id. */
  readonly create: (
    docker: Dockerode,
    options: Dockerode.ContainerCreateOptions,
    signal: AbortSignal,
  ) => Promise<string>;
  /** The engine's own, final configuration, for the check of what was promised. */
  readonly describe: (
    docker: Dockerode,
    id: string,
    spec: Pick<SandboxSpec, 'userns'>,
    signal: AbortSignal,
  ) => Promise<Dockerode.ContainerInspectInfo>;
  /** Makes sure that there is a network for the mode `full`; gives what a container's NetworkMode says then. */
  readonly network: (client: OciClient, signal: AbortSignal) => Promise<string>;
  readonly update: (docker: Dockerode, ref: string, limits: LiveLimits, signal: AbortSignal) => Promise<void>;
  /** How the runtime's messages begin that take the place of a program's output when it cannot start. */
  readonly runtimeFailures: readonly string[];
  /** The engine may lose the output of a command that ends with input unread. */
  readonly unreadInputCosts: boolean;
  /** An exec that is over still tells its pid; else a pid of 0 says nothing about whether it ever ran. */
  readonly execKeepsPid: boolean;
  /** Of a log's last lines all are whole; else the whole log must be read to have them. */
  readonly tailsWholeLines: boolean;
  /** Where this host cannot see the processes: one long-lived stream a container, or a call each time. */
  readonly statistics: 'stream' | 'call';
  /** Adds what the engine itself does not tell. Sees every object that is listed, inspected or changed. */
  readonly complete: (object: EngineObject) => EngineObject;
  /** Reports changes that the engine's events do not tell, until the returned function is called. */
  readonly follow: (report: (change: EngineChange) => void) => () => void;
  /** A command in a container is over. */
  readonly execOver: (execId: string) => void;
}
