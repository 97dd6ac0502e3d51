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

interface Making {
  readonly label: string;
  readonly sandbox: Promise<Sandbox>;
  readonly abort: AbortController;
  /** Callers that still wait. */
  callers: number;
}

/**
 * Makes one sandbox for a key, however often it is asked for: also while it is being made, and after this host has
 * been started again, as the sandbox itself bears the key. With the sandbox the key is free again. What is being made
 * is undone when the last of its callers has gone. Throws `conflict` for the same key with another request.
 */
export function createCreateOnce(registry: Registry, create: Create): CreateOnce {
  const underWay = new Map<string, Making>();

  const begin = (mark: string, label: string, { spec, start }: Parameters<CreateOnce>[1]): Making => {
    const abort = new AbortController();
    const labelled = { ...spec, labels: { ...spec.labels, [REQUEST_LABEL]: label } };
    const sandbox = create(labelled, start, { signal: abort.signal, progress: () => undefined }).finally(() =>
      underWay.delete(mark),
    );
    const making = { label, sandbox, abort, callers: 0 };
    underWay.set(mark, making);
    return making;
  };

  const join = async (making: Making, signal: AbortSignal): Promise<Sandbox> => {
    making.callers += 1;
    const gone = Promise.withResolvers<never>();
    const leave = () => {
      making.callers -= 1;
      if (making.callers === 0) making.abort.abort();
      else gone.reject(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([making.sandbox, gone.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  };

  return async (key, request, { signal }) => {
    const mark = digest(key);
    const label = `${mark}.${digest(JSON.stringify(request))}`;
    for (;;) {
      const making = underWay.get(mark);
      if (making?.abort.signal.aborted) {
        // It is being undone: then it is made anew.
        await making.sandbox.catch(() => undefined);
        continue;
      }
      if (making && making.label !== label) throw used('is being made');
      if (making) return join(making, signal);
      const known = registry
        .all()
        .map(({ sandbox }) => sandbox)
        .find((sandbox) => sandbox.spec?.labels[REQUEST_LABEL]?.startsWith(`${mark}.`));
      if (!known) return join(begin(mark, label, request), signal);
      if (known.spec?.labels[REQUEST_LABEL] !== label) throw used(`made "${known.name}"`, known.id);
      return known;
    }
  };
}

function used(what: string, sandboxId?: string): AppError {
  return new AppError('conflict', `This idempotency key was used for another request, which ${what}`, {
    hint: 'Use a new key for a new request.',
    ...(sandboxId === undefined ? {} : { details: { sandboxId } }),
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
