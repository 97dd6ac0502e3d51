import { createHash } from 'node:crypto';
import { AppError } from '../../../shared/model/error.ts';
import { OWN_LABELS } from '../../../shared/model/own-labels.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { Task } from '../../engines/engine.ts';
import type { Create } from './create.ts';
import type { Registry } from './registry.ts';
import type { ParsedSpec } from './resolve-spec.ts';

/** What a sandbox was asked for with: digests of the caller's key and of the request. */
const REQUEST_LABEL = `${OWN_LABELS}request`;

export type CreateOnce = (
  key: string,
  request: { readonly spec: ParsedSpec; readonly start: boolean },
  task: Task,
) => Promise<Sandbox>;

/**
 * Makes one sandbox for a key, however often it is asked for: also while it is being made, and after this host has
 * been started again, as the sandbox itself bears the key. With the sandbox the key is free again. Throws `conflict`
 * for the same key with another request.
 */
export function createCreateOnce(registry: Registry, create: Create): CreateOnce {
  const underWay = new Map<string, Promise<Sandbox>>();
  return (key, { spec, start }, task) => {
    const mark = digest(key);
    const label = `${mark}.${digest(JSON.stringify({ spec, start }))}`;
    const known = registry
      .all()
      .map(({ sandbox }) => sandbox)
      .find((sandbox) => sandbox.spec?.labels[REQUEST_LABEL]?.startsWith(`${mark}.`));
    if (known && known.spec?.labels[REQUEST_LABEL] !== label) {
      throw new AppError('conflict', `This idempotency key was used for another request, which made "${known.name}"`, {
        hint: 'Use a new key for a new request.',
        details: { sandboxId: known.id },
      });
    }
    const begun = underWay.get(label);
    if (begun) return begun;
    if (known) return Promise.resolve(known);
    const making = create({ ...spec, labels: { ...spec.labels, [REQUEST_LABEL]: label } }, start, task).finally(() =>
      underWay.delete(label),
    );
    underWay.set(label, making);
    return making;
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
