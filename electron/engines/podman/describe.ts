import type Dockerode from 'dockerode';
import { z } from 'zod';
import type { SandboxSpec } from '../../../shared/model/spec.ts';

const mapping = z.array(z.string()).nullish();
const inspectSchema = z.looseObject({
  EffectiveCaps: z.array(z.string()).nullish(),
  BoundingCaps: z.array(z.string()).nullish(),
  Config: z.looseObject({}),
  OCIRuntime: z.string().optional(),
  Mounts: z.array(z.looseObject({ Type: z.string(), Source: z.string(), Destination: z.string(), RW: z.boolean() })),
  HostConfig: z.looseObject({
    Binds: z.array(z.string()).nullish(),
    CapDrop: z.array(z.string()).nullish(),
    CgroupMode: z.string().optional(),
    LogConfig: z.looseObject({ Size: z.string().default('') }),
    UsernsMode: z.string().default(''),
    IDMappings: z.object({ UidMap: mapping, GidMap: mapping }).nullish(),
    Ulimits: z.array(z.object({ Name: z.string(), Soft: z.number(), Hard: z.number() })).nullish(),
    IpcMode: z.string().default(''),
  }),
});

/**
 * What Podman's own `inspect` tells, in Docker's words, for the check of what was promised. Docker's
 * `inspect` of Podman leaves out much of it, e.g. the log's bound.
 */
export function inDockersWords(
  answer: unknown,
  { userns }: Pick<SandboxSpec, 'userns'>,
): Dockerode.ContainerInspectInfo {
  const info = inspectSchema.parse(answer);
  const { HostConfig: host } = info;
  const described = {
    ...info,
    HostConfig: {
      ...host,
      // Bind mounts are told twice; the list of mounts says more.
      Binds: unmounted(host.Binds ?? [], info.Mounts),
      CapDrop: hasNoCapabilities(info) ? ['ALL'] : (host.CapDrop ?? []),
      CgroupnsMode: host.CgroupMode,
      // The usual field says `oci` of each.
      Runtime: info.OCIRuntime,
      LogConfig: { ...host.LogConfig, Config: host.LogConfig.Size === '' ? {} : { 'max-size': host.LogConfig.Size } },
      UsernsMode: usernsOf(host.UsernsMode, host.IDMappings?.UidMap ?? [], userns),
      Ulimits: (host.Ulimits ?? []).map((limit) => ({
        ...limit,
        Name: limit.Name.replace('RLIMIT_', '').toLowerCase(),
      })),
    },
  };
  // Parsed as far as it is looked at; the rest has Docker's shape.
  return described as unknown as Dockerode.ContainerInspectInfo;
}

/** Podman names the capabilities that were taken away; what counts is that none is left. */
function hasNoCapabilities({ EffectiveCaps, BoundingCaps }: z.infer<typeof inspectSchema>): boolean {
  return (EffectiveCaps ?? []).length === 0 && (BoundingCaps ?? []).length === 0;
}

function unmounted(binds: readonly string[], mounts: readonly { Source: string; Destination: string }[]) {
  return binds.filter((bind) => !mounts.some((mount) => bind.startsWith(`${mount.Source}:${mount.Destination}:`)));
}

/**
 * What a mapping (`inside:outside:count`) does. Outside of a rootless Podman 0 is its user: mapped to
 * itself it is `keep-id`, not mapped at all is `auto` and `nomap`.
 */
function usernsOf(mode: string, uids: readonly string[], wanted: SandboxSpec['userns']): string {
  if (mode === 'host') return mode;
  const rows = uids.map((row) => row.split(':').map(Number));
  if (rows.length === 0) return '';
  const user = rows.find(([, outside = 0]) => outside === 0);
  if (user) return (user[0] ?? 0) > 0 ? 'keep-id' : '';
  return wanted === 'nomap' ? 'nomap' : 'auto';
}
