import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runCommand, tail } from '../lib/command.ts';
import { hasCode } from '../lib/processes.ts';

const policyFile = '/usr/sbin/policy-rc.d';

/** `ok: false` comes with the end of what apt-get said. */
export interface AptResult {
  readonly ok: boolean;
  readonly output: string;
}

export async function aptUpdate(): Promise<AptResult> {
  return aptGet(['update']);
}

/**
 * Installs without questions and without starting services: whoever needs a daemon starts it and
 * knows its pid.
 */
export async function aptInstall(packages: readonly string[], startServices: boolean): Promise<AptResult> {
  const denied = startServices ? false : denyServices();
  try {
    return await aptGet(['install', '--yes', '--no-install-recommends', ...packages]);
  } finally {
    if (denied) rmSync(policyFile, { force: true });
  }
}

async function aptGet(args: readonly string[]): Promise<AptResult> {
  const result = await runCommand(
    'apt-get',
    // Another apt-get may be at work: wait for it instead of failing at once.
    ['--quiet', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=120', ...args],
    { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1', LC_ALL: 'C.UTF-8' } },
  );
  // apt-get update ends with 0 even when no index could be fetched; installing then tells.
  return { ok: result.code === 0, output: tail(`${result.stdout}${result.stderr}`) };
}

/** The packages of `names` that can be installed. */
export async function aptKnown(names: readonly string[]): Promise<ReadonlySet<string>> {
  const result = await runCommand('apt-cache', ['policy', ...names], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  return parsePolicy(result.stdout);
}

/** `text`: what `apt-cache policy NAME…` prints. */
export function parsePolicy(text: string): ReadonlySet<string> {
  const known = new Set<string>();
  let name = '';
  for (const line of text.split('\n')) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name;
    const candidate = /^\s+Candidate: (.*)$/.exec(line)?.[1];
    if (candidate === undefined || candidate === '(none)') continue;
    // Ubuntu's chromium-browser only fetches a snap, which needs a running snapd.
    if (!candidate.includes('snap')) known.add(name);
  }
  return known;
}

const OUR_POLICY = '#!/bin/sh\n# Terrarium: only while its provisioning installs packages\nexit 101\n';

/**
 * policy-rc.d(8): 101 forbids. One that is there already is someone's decision and stays, unless it is ours, left by a
 * run that was killed.
 */
function denyServices(): boolean {
  try {
    writeFileSync(policyFile, OUR_POLICY, { mode: 0o755, flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return readFileSync(policyFile, 'utf8') === OUR_POLICY;
    throw error;
  }
}
