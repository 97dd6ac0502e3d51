import { existsSync } from 'node:fs';

/** Where Podman looks for the init of its containers (`helper_binaries_dir` of containers.conf). */
const PLACES = [
  '/usr/local/libexec/podman/catatonit',
  '/usr/local/lib/podman/catatonit',
  '/usr/libexec/podman/catatonit',
  '/usr/lib/podman/catatonit',
  '/usr/bin/catatonit',
];

/** Null: none of the usual ones is there; the user may have configured another. Only Linux has it on this side. */
export function findInit(): string | null | undefined {
  if (process.platform !== 'linux') return undefined;
  return PLACES.find((path) => existsSync(path)) ?? null;
}
