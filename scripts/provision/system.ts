import { existsSync, readFileSync } from 'node:fs';

/** What of this machine decides how something is installed and started. */
export interface System {
  readonly isRoot: boolean;
  /** Debian or something made from it: apt-get is there. */
  readonly isDebian: boolean;
  /** A running systemd owns the services; then Docker is started through it. */
  readonly hasSystemd: boolean;
}

export function detectSystem(): System {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return {
    isRoot: process.getuid?.() === 0,
    isDebian: process.platform === 'linux' && isDebianRelease(release),
    // The test of sd_booted(3).
    hasSystemd: existsSync('/run/systemd/system'),
  };
}

/** `release`: the text of os-release(5). */
export function isDebianRelease(release: string): boolean {
  const ids = release
    .split('\n')
    .flatMap((line) => /^(?:ID|ID_LIKE)="?([^"]*)"?$/.exec(line.trim())?.[1]?.split(/\s+/) ?? []);
  return ids.includes('debian') || ids.includes('ubuntu');
}
