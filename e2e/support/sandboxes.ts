import type { Page } from '@playwright/test';
import type { Client } from '../../electron/hosts/client/connection.ts';
import type { HostProcess } from '../../electron/hosts/testing/host-process.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../shared/model/spec.ts';
import { row } from './test.ts';

/** Makes a sandbox by the host's own client, for tests of what comes after. A process one where nothing else is said. */
export async function make(
  client: Client,
  name: string,
  spec: Partial<SandboxSpecInput> = {},
  start = true,
): Promise<Sandbox> {
  const whole: SandboxSpecInput = { engine: 'process', source: { type: 'empty' }, ...spec, name };
  for await (const item of await client.sandboxes.create({ spec: whole, start })) {
    if (item.type === 'created') return item.sandbox;
  }
  throw new Error(`${name} was not created`);
}

/** Makes one, and shows a tab of it. */
export async function show(
  app: Page,
  host: HostProcess,
  tab: string,
  name: string,
  spec: Partial<SandboxSpecInput> = {},
): Promise<Sandbox> {
  const sandbox = await make(host.client, name, spec);
  await row(app, name).click();
  await app.getByRole('tab', { name: tab, exact: true }).click();
  return sandbox;
}

/** The main program of a sandbox as a line of shell. */
export const shell = (script: string): Partial<SandboxSpecInput> => ({ command: ['/bin/sh', '-c', script] });
