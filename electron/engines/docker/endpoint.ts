import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { readConfigFile } from '../oci/config-file.ts';
import type { Endpoint, TlsFiles } from '../oci/connection.ts';

export interface EndpointSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly uid: number | null;
}

const configSchema = z.object({ currentContext: z.string().optional() });
const contextSchema = z.object({
  Endpoints: z.object({
    docker: z.object({ Host: z.string().default(''), SkipTLSVerify: z.boolean().default(false) }),
  }),
});

/**
 * Finds the daemon as Docker's own command does: DOCKER_HOST, else the context (DOCKER_CONTEXT or the
 * config's), else the usual sockets. Throws AppError when what is configured cannot be read.
 */
export function findEndpoint(sources: EndpointSources): Endpoint {
  const { env } = sources;
  if (env.DOCKER_HOST) {
    const url = env.DOCKER_HOST.includes('://') ? env.DOCKER_HOST : `tcp://${env.DOCKER_HOST}`;
    return { url, origin: 'DOCKER_HOST', tls: tlsOfEnvironment(sources, url) };
  }
  const name = env.DOCKER_CONTEXT || readConfig(sources).currentContext;
  if (name && name !== 'default') return contextEndpoint(sources, name);
  return { url: `unix://${defaultSocket(sources)}`, origin: 'default', tls: null };
}

export function configFolder({ env, home }: EndpointSources): string {
  return env.DOCKER_CONFIG || join(home, '.docker');
}

function readConfig(sources: EndpointSources): z.infer<typeof configSchema> {
  const text = readConfigFile(join(configFolder(sources), 'config.json'));
  if (text === null) return {};
  try {
    return configSchema.parse(JSON.parse(text));
  } catch {
    // Docker's own command warns and goes on with the default as well.
    return {};
  }
}

function contextEndpoint(sources: EndpointSources, name: string): Endpoint {
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = join(configFolder(sources), 'contexts');
  const text = readConfigFile(join(contexts, 'meta', id, 'meta.json'));
  if (text === null) {
    throw new AppError('engine_unavailable', `The Docker context “${name}” does not exist`, {
      hint: 'Choose another with: docker context use default',
    });
  }
  let endpoint: z.infer<typeof contextSchema>['Endpoints']['docker'];
  try {
    endpoint = contextSchema.parse(JSON.parse(text)).Endpoints.docker;
  } catch (error) {
    throw new AppError('engine_unavailable', `The Docker context “${name}” cannot be read`, {
      hint: `Look at it with: docker context inspect ${name}`,
      cause: error,
    });
  }
  const url = endpoint.Host || `unix://${defaultSocket(sources)}`;
  const folder = join(contexts, 'tls', id, 'docker');
  const tls = existsSync(folder) ? tlsOfFolder(folder, !endpoint.SkipTLSVerify) : null;
  return { url, origin: `context ${name}`, tls };
}

function tlsOfEnvironment(sources: EndpointSources, url: string): TlsFiles | null {
  const { env } = sources;
  if (!url.startsWith('tcp://') && !url.startsWith('https://')) return null;
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  if (!verify && !env.DOCKER_TLS && !url.startsWith('https://')) return null;
  return tlsOfFolder(env.DOCKER_CERT_PATH || configFolder(sources), verify);
}

function tlsOfFolder(folder: string, verify: boolean): TlsFiles {
  return {
    ca: readConfigFile(join(folder, 'ca.pem')),
    cert: readConfigFile(join(folder, 'cert.pem')),
    key: readConfigFile(join(folder, 'key.pem')),
    verify,
  };
}

/** Sockets that Docker's packages and Docker Desktop make, in the order in which they are looked for. */
export function usualSockets({ env, home, platform, uid }: EndpointSources): readonly string[] {
  const runtime = env.XDG_RUNTIME_DIR ?? (uid === null ? null : `/run/user/${uid}`);
  return [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    ...(platform === 'linux' && runtime !== null ? [join(runtime, 'docker.sock')] : []),
  ];
}

function defaultSocket(sources: EndpointSources): string {
  const candidates = usualSockets(sources);
  return candidates.find((path) => existsSync(path)) ?? '/var/run/docker.sock';
}
