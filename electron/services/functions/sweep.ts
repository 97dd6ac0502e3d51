import { FUNCTION_RUN_LABEL } from '../../../shared/model/function.ts';
import type { Log } from '../../lib/log.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';
import { destroyInstance } from './destroy-instance.ts';

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

  function look(id: string): void {
    const sandbox = registry.find(id)?.sandbox;
    const made = sandbox?.foreign === false ? sandbox.spec?.labels[FUNCTION_RUN_LABEL] : undefined;
    if (made === undefined || made === run || sweeping.has(id)) return;
    sweeping.add(id);
    void destroyInstance({ sandboxes, registry, ending: ending.signal, log }, id).over.finally(() =>
      sweeping.delete(id),
    );
  }

  const unsubscribe = registry.onChange(look);
  for (const { sandbox } of registry.all()) look(sandbox.id);
  return () => {
    unsubscribe();
    ending.abort();
  };
}
