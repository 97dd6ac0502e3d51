import { type HostProcess, makeHome, startHost } from '../electron/hosts/testing/host-process.ts';
import type { SandboxSpecInput } from '../shared/model/spec.ts';

/** A web host on a state folder of its own, for as long as `use` takes. Its sandboxes end with it. */
export async function withHost<T>(
  use: (host: HostProcess) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const home = await makeHome();
  try {
    const host = await startHost(home.path, { detached: true, env });
    try {
      const result = await use(host);
      await destroyAll(host);
      return result;
    } catch (error) {
      // What went wrong first is what is told, also when the host is gone and cannot clean up.
      await destroyAll(host).catch(() => undefined);
      throw error;
    } finally {
      await host.stop();
    }
  } finally {
    await home.remove();
  }
}

async function destroyAll(host: HostProcess): Promise<void> {
  for (const { id, engine, foreign, state } of await host.client.sandboxes.list({})) {
    // One that never ran is a folder, which goes with the state folder.
    const isFolder = engine === 'process' && state === 'ready';
    if (!foreign && !isFolder) await host.client.sandboxes.destroy({ id });
  }
}

/** Makes a sandbox; resolves with its id when it runs (or, without `start`, when it is made). */
export async function createSandbox(host: HostProcess, spec: SandboxSpecInput, start = true): Promise<string> {
  for await (const item of await host.client.sandboxes.create({ spec, start })) {
    if (item.type !== 'created') continue;
    const { id, state, error } = item.sandbox;
    if (start && state !== 'running') throw new Error(`the sandbox is ${state}: ${error?.message}`);
    return id;
  }
  throw new Error('the host made no sandbox');
}

/** Runs a command to its end; anything but exit code 0 is an error. */
export async function execute(host: HostProcess, sandboxId: string, command: readonly string[]): Promise<void> {
  for await (const item of await host.client.executions.run({ sandboxId, command: [...command] })) {
    if (item.type !== 'ended') continue;
    const { state, exit, error } = item.execution;
    if (exit?.code !== 0) throw new Error(`${command.join(' ')}: ${error?.message ?? `${state}, code ${exit?.code}`}`);
  }
}

/** A fresh link to the page: each lets one browser in. */
export async function newLink({ port, token }: HostProcess): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/auth/link`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
  });
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'token' in answer) {
    return `http://127.0.0.1:${port}/#token=${String(answer.token)}`;
  }
  throw new Error(`the host gave no link (${response.status})`);
}
