import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { chromium } from '@playwright/test';
import type { Tools } from './benchmark.ts';
import { docker } from './docker.ts';

/** The machine that the figures are of. Null: not there. */
export interface Environment {
  readonly cpu: string | null;
  readonly cores: number;
  readonly memoryMB: number;
  readonly platform: string;
  readonly kernel: string;
  readonly node: string;
  readonly chromium: string | null;
  readonly docker: string | null;
  /** Over the last minute before the run: well above 0 means that the machine had other work. */
  readonly load: number;
}

export async function describeEnvironment(tools: Tools): Promise<Environment> {
  return {
    cpu: cpus()[0]?.model ?? null,
    cores: cpus().length,
    memoryMB: Math.round(totalmem() / 1e6),
    platform: platform(),
    kernel: release(),
    node: process.versions.node,
    chromium: await chromiumVersion(tools),
    docker: await docker('version', '--format', '{{.Server.Version}}').catch(() => null), // no docker, or no daemon
    load: loadavg()[0] ?? 0,
  };
}

async function chromiumVersion({ browserMissing, launchOptions }: Tools): Promise<string | null> {
  if (browserMissing !== null) return null;
  const browser = await chromium.launch(launchOptions);
  const version = browser.version();
  await browser.close();
  return version;
}
