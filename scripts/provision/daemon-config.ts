import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { findProgram, runCommand } from '../lib/command.ts';

const SYSTEM_CONFIG = '/etc/docker/daemon.json';

/**
 * Where runsc works everywhere, also in a VM without nested virtualisation and on kernels newer than
 * itself: ptrace instead of KVM, and no network of its own, which it would need raw sockets for.
 */
export const gvisorArguments = ['--platform=ptrace', '--network=none'] as const;

const configSchema = z.looseObject({ runtimes: z.record(z.string(), z.unknown()).optional() });

/**
 * The daemon's configuration for the tests: the system's own, gVisor as the runtime `runsc` where its
 * program (`runsc`) is there, and experimental features, as saving a running container is one.
 */
export function daemonConfig(system: unknown, runsc: string | null): Readonly<Record<string, unknown>> {
  const config = configSchema.parse(system);
  if (runsc === null) return config;
  const gvisor = { path: runsc, runtimeArgs: [...gvisorArguments] };
  return { ...config, experimental: true, runtimes: { ...config.runtimes, runsc: gvisor } };
}

/** Writes it into the folder and returns the file's path. Throws when the system's own cannot be read. */
export function writeDaemonConfig(folder: string): string {
  const path = join(folder, 'daemon.json');
  const system: unknown = existsSync(SYSTEM_CONFIG) ? JSON.parse(readFileSync(SYSTEM_CONFIG, 'utf8')) : {};
  writeFileSync(path, `${JSON.stringify(daemonConfig(system, findProgram('runsc')), null, 2)}\n`);
  return path;
}

/** Whether the daemon that answers has gVisor as a runtime and can save running containers. */
export async function knowsGvisor(): Promise<boolean> {
  const format = '{{json .Runtimes}} {{.ExperimentalBuild}}';
  const { code, stdout } = await runCommand('docker', ['info', '--format', format], { timeoutMs: 15_000 });
  return code === 0 && stdout.includes('"runsc"') && stdout.trim().endsWith('true');
}

/** What a person does to a daemon that Terrarium's tests did not start. */
export const howToAddGvisor = `add to ${SYSTEM_CONFIG}: ${JSON.stringify(daemonConfig({}, '/usr/bin/runsc'))} and restart the daemon`;
