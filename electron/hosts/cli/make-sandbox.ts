import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { SandboxSpecInput } from '../../../shared/model/spec.ts';
import type { Client } from '../client.ts';
import { plain } from './output.ts';

/** Tells on a terminal what is going on. Ctrl+C gives it up and undoes what was made. */
export async function makeSandbox(client: Client, spec: SandboxSpecInput, start: boolean): Promise<Sandbox> {
  const abort = new AbortController();
  const onInterrupt = () => abort.abort();
  process.once('SIGINT', onInterrupt);
  const { stderr } = process;
  try {
    for await (const item of await client.sandboxes.create({ spec, start }, { signal: abort.signal })) {
      if (item.type === 'created') return item.sandbox;
      if (stderr.isTTY) stderr.write(`\r\x1b[K${plain(item.message)}`);
    }
  } catch (error) {
    if (abort.signal.aborted) throw new AppError('cancelled', 'Given up; nothing was made');
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
    if (stderr.isTTY) stderr.write('\r\x1b[K');
  }
  throw new AppError('internal', 'The host made no sandbox and did not say why');
}
