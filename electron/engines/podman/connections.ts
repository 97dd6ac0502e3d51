import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { isTomlError, readToml } from '../../lib/toml.ts';
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

/** Podman 4 keeps them in containers.conf: of each setting the last file that has it counts. */
function readOld(sources: PodmanSources): Known {
  const all = confFiles(sources).flatMap((path) => {
    const text = readConfigFile(path);
    return text === null ? [] : [parseServices(text, path)];
  });
  const active = all.findLast((each) => each.active !== undefined)?.active;
  return { ...(active === undefined ? {} : { active }), urls: Object.assign({}, ...all.map(({ urls }) => urls)) };
}

/**
 * In the order in which Podman reads them, see containers.conf(5). It reads the user's own only when it is rootless,
 * from version 5 on always; there root's are in /etc.
 */
function confFiles(sources: PodmanSources): readonly string[] {
  const { CONTAINERS_CONF: only, CONTAINERS_CONF_OVERRIDE: last } = sources.env;
  const root = sources.root ?? '/';
  const withParts = (path: string) => [path, ...partsOf(`${path}.d`)];
  const usual = () => [
    join(root, 'usr/share/containers/containers.conf'),
    ...withParts(join(root, 'etc/containers/containers.conf')),
    ...withParts(join(configFolder(sources), 'containers.conf')),
  ];
  return [...(only ? [only] : usual()), ...(last ? [last] : [])];
}

function partsOf(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
    return names.toSorted().map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new AppError('engine_unavailable', `${folder} cannot be read`, { cause: error });
  }
}

const confSchema = z.object({
  engine: z
    .object({
      active_service: z.string().default(''),
      service_destinations: z.record(z.string(), z.object({ uri: z.string().default('') })).default({}),
    })
    .default({ active_service: '', service_destinations: {} }),
});

/** Of a containers.conf what says how Podman is reached. Throws `engine_unavailable` for what Podman cannot read either. */
export function parseServices(toml: string, path: string): Known {
  try {
    const { active_service: active, service_destinations: services } = confSchema.parse(readToml(toml).values).engine;
    const urls = Object.fromEntries(Object.entries(services).map(([name, { uri }]) => [name, uri]));
    return { ...(active === '' ? {} : { active }), urls };
  } catch (error) {
    const why = isTomlError(error) ? `: line ${error.line}` : '';
    throw new AppError('engine_unavailable', `Podman’s settings in ${path} cannot be read${why}`, {
      hint: 'Mend the file, see: man containers.conf',
      cause: error,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
