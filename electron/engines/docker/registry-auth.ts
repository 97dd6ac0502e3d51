import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../../lib/log.ts';
import type { RegistryAuth } from '../oci/images.ts';
import { configFolder, type EndpointSources } from './endpoint.ts';

/** Under this name Docker keeps the credentials of its own registry. */
const DOCKER_HUB = 'https://index.docker.io/v1/';
const HELPER_TIMEOUT_MS = 10_000;

const configSchema = z.object({
  auths: z
    .record(z.string(), z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }))
    .default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
});
const helperSchema = z.object({ Username: z.string(), Secret: z.string() });

/** The registry of a reference: what is before the first slash, when it looks like a host. */
export function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost && first !== 'docker.io' ? first : DOCKER_HUB;
}

/**
 * What `docker login` has left for a reference's registry: in Docker's configuration itself, or with
 * a credential helper. Undefined: pull as anybody. Nothing of it is ever logged or kept.
 */
export async function findRegistryAuth(
  sources: EndpointSources,
  reference: string,
  log: Log,
): Promise<RegistryAuth | undefined> {
  const config = await readConfig(sources);
  if (!config) return undefined;
  const registry = registryOf(reference);
  const helper = config.credHelpers[registry] ?? config.credsStore;
  if (helper !== undefined && /^[\w.-]+$/.test(helper)) {
    const found = await askHelper(helper, registry, sources);
    if (found) return found;
    log.debug({ registry, helper }, 'the credential helper has nothing for this registry');
  }
  const entry =
    config.auths[registry] ?? config.auths[`https://${registry}`] ?? config.auths[`https://${registry}/v1/`];
  const [username = '', ...password] = Buffer.from(entry?.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  if (username === '') return undefined;
  return { username, password: password.join(':'), serveraddress: registry };
}

async function readConfig(sources: EndpointSources): Promise<z.infer<typeof configSchema> | null> {
  try {
    return configSchema.parse(JSON.parse(await readFile(join(configFolder(sources), 'config.json'), 'utf8')));
  } catch {
    return null; // not there, or not Docker's: then nobody has logged in
  }
}

/** The protocol of docker-credential-helpers: `get`, the registry on stdin, JSON on stdout. */
function askHelper(helper: string, registry: string, { env }: EndpointSources): Promise<RegistryAuth | null> {
  return new Promise((resolve) => {
    const options = { timeout: HELPER_TIMEOUT_MS, env: { ...env } };
    const child = execFile(`docker-credential-${helper}`, ['get'], options, (error, stdout) => {
      const parsed = error ? null : helperSchema.safeParse(parseJson(stdout));
      if (!parsed?.success) {
        resolve(null);
        return;
      }
      const { Username: username, Secret: password } = parsed.data;
      const identity = { username: '', password: '', identitytoken: password, serveraddress: registry };
      resolve(username === '<token>' ? identity : { username, password, serveraddress: registry });
    });
    child.stdin?.on('error', () => child.kill());
    child.stdin?.end(registry);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
