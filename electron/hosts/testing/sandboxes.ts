import type { EngineKind } from '../../../shared/model/spec.ts';
import type { HostProcess } from './host-process.ts';
import { waitFor } from './wait-for.ts';

type Client = HostProcess['client'];

/** Resolves when the host has found the engine and can work with it. */
export async function untilAvailable(client: Client, engine: EngineKind): Promise<void> {
  await waitFor(engine, async () =>
    (await client.engines.list({})).some(({ kind, status }) => kind === engine && status === 'available'),
  );
}

/** All but what others have made. */
export async function destroyAll(client: Client): Promise<void> {
  for (const { id, foreign } of await client.sandboxes.list({})) if (!foreign) await client.sandboxes.destroy({ id });
}
