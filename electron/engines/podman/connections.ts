import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { readConfigFile } from '../oci/config-file.ts';
import type { PodmanSources } from './endpoint.ts';

export interface Connection {
  readonly name: string;
  readonly url: string;
}

/** Podman 5 keeps connections in this file of its own. */
const fileSchema = z.object({
  Connection: z.object({
    Default: z.string().default(''),
    Connections: z.record(z.string(), z.object({ URI: z.string() })).nullish(),
  }),
});

/** The connection that `podman --remote` would take. Throws AppError when one is named that does not exist. */
export function findConnection(sources: PodmanSources): Connection | null {
  const known = { ...readOld(sources), ...readNew(sources) };
  const name = sources.env.CONTAINER_CONNECTION || known.active;
  if (!name) return null;
  const url = known.urls?.[name];
  if (url !== undefined) return { name, url };
  throw new AppError('engine_unavailable', `The Podman connection “${name}” does not exist`, {
    hint: 'Look at what there is with: podman system connection list',
  });
}

interface Known {
  readonly active?: string;
  readonly urls?: Readonly<Record<string, string>>;
}

function configFolder({ env, home }: PodmanSources): string {
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers');
}

function readNew(sources: PodmanSources): Known {
  const path = sources.env.PODMAN_CONNECTIONS_CONF || join(configFolder(sources), 'podman-connections.json');
  const text = readConfigFile(path);
  if (text === null) return {};
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new AppError('engine_unavailable', `Podman’s connections in ${path} cannot be read`, {
      hint: 'Look at them with: podman system connection list',
    });
  }
  const { Default: active, Connections: all } = parsed.data.Connection;
  const urls = Object.fromEntries(Object.entries(all ?? {}).map(([name, { URI }]) => [name, URI]));
  return { ...(active === '' ? {} : { active }), urls };
}

/** Podman 4 keeps them in containers.conf. */
function readOld(sources: PodmanSources): Known {
  const text = readConfigFile(sources.env.CONTAINERS_CONF || join(configFolder(sources), 'containers.conf'));
  return text === null ? {} : parseServices(text);
}

const SECTION = /^\s*\[([^\]]*)\]/;
const TEXT = /^\s*(\w+)\s*=\s*"([^"]*)"/;

/** Of a TOML file only what `podman system connection` itself writes there. */
export function parseServices(toml: string): Known {
  const urls: Record<string, string> = {};
  let active: string | undefined;
  let section = '';
  for (const line of toml.split('\n')) {
    section = SECTION.exec(line)?.[1]?.trim() ?? section;
    const [, key, value] = TEXT.exec(line) ?? [];
    if (value === undefined) continue;
    const service = /^engine\.service_destinations\."?([^"]+)"?$/.exec(section)?.[1];
    if (section === 'engine' && key === 'active_service') active = value;
    if (service !== undefined && key === 'uri') urls[service] = value;
  }
  return { ...(active === undefined ? {} : { active }), urls };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
