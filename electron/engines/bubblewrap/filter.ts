import type { Profile } from '../../../shared/model/spec.ts';
import { compileSeccomp } from '../../lib/seccomp.ts';
import {
  readSeccompProfile,
  readSyscallNumbers,
  type SeccompProfileName,
  seccompArchitectures,
} from '../../lib/seccomp-profile.ts';

const profileFor: Readonly<Record<Profile, SeccompProfileName>> = {
  trusted: 'trusted',
  standard: 'default',
  strict: 'strict',
};

/** Null on an architecture that no filter is made for. */
export function createFilters(arch: string = process.arch): ((profile: Profile) => Buffer) | null {
  const architecture = Object.entries(seccompArchitectures).find(([name]) => name === arch)?.[1];
  if (!architecture) return null;
  const compiled = new Map<Profile, Buffer>();
  return (profile) => {
    const known = compiled.get(profile);
    if (known) return known;
    const tables = { x86_64: readSyscallNumbers('x86_64'), aarch64: readSyscallNumbers('aarch64') };
    const filter = compileSeccomp(readSeccompProfile(profileFor[profile]), architecture, tables);
    compiled.set(profile, filter);
    return filter;
  };
}
