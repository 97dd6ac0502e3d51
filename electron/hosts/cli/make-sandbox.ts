import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../../shared/model/spec.ts';
import type { Client } from '../client/connection.ts';
import { plain } from './output.ts';

/** Tells on a terminal what is going on. Aborted, it is given up, and what was made is undone. */
export async function makeSandbox(
  client: Client,
  { spec, start }: { readonly spec: SandboxSpecInput; readonly start: boolean },
  signal: AbortSignal,
): Promise<Sandbox> {
  const { stderr } = process;
  try {
    for await (const item of await client.sandboxes.create({ spec, start }, { signal })) {
      if (item.type === 'created') return item.sandbox;
      if (stderr.isTTY) stderr.write(`\r\x1b[K${plain(item.message)}`);
    }
  } finally {
    if (stderr.isTTY) stderr.write('\r\x1b[K');
  }
  signal.throwIfAborted();
  throw new AppError('internal', 'The host made no sandbox and did not say why');
}
