import { FUNCTION_RUN_LABEL } from '../../../shared/model/function.ts';
import type { Log } from '../../lib/log.ts';
import { sleep } from '../../lib/sleep.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';

/** Until what could not be removed (its engine is away) is tried again. */
const RETRY_MS = 5000;

/** Destroys instances' sandboxes of hosts that were killed, whenever they come into the list. Returns the function that ends it. */
export function sweepInstances(dependencies: {
  readonly sandboxes: Sandboxes;
  readonly registry: Registry;
  /** Of this run of the host: whose sandboxes stay. */
  readonly run: string;
  readonly log: Log;
}): () => void {
  const { sandboxes, registry, run, log } = dependencies;
  const ending = new AbortController();
  const sweeping = new Set<string>();

  async function destroy(id: string): Promise<void> {
    let isTold = false;
    while (!ending.signal.aborted && registry.find(id)) {
      try {
        await sandboxes.destroy(id, { confirmForeign: false, keepWorkspace: false });
      } catch (error) {
        log[isTold ? 'debug' : 'warn']({ err: error, id }, 'an old instance of a function could not be removed');
        isTold = true;
        await sleep(RETRY_MS, ending.signal);
      }
    }
  }

  function look(id: string): void {
    const sandbox = registry.find(id)?.sandbox;
    const made = sandbox?.foreign === false ? sandbox.spec?.labels[FUNCTION_RUN_LABEL] : undefined;
    if (made === undefined || made === run || sweeping.has(id)) return;
    sweeping.add(id);
    void destroy(id).finally(() => sweeping.delete(id));
  }

  const unsubscribe = registry.onChange(look);
  for (const { sandbox } of registry.all()) look(sandbox.id);
  return () => {
    unsubscribe();
    ending.abort();
  };
}
