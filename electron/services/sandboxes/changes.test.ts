import { expect, it } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import type { ChangeStore } from '../../engines/engine.ts';
import { createKeyedLock } from '../../lib/keyed-lock.ts';
import { createChanges } from './changes.ts';
import type { SandboxContext } from './context.ts';

/** With a fake engine that does this on an apply. */
function changesOf(apply: ChangeStore['apply']) {
  const messages: string[] = [];
  const sandbox = {
    name: 'mine',
    engine: 'namespace',
    state: 'stopped',
    workspace: '/home/me/project',
    spec: { filesystem: { overlay: true } },
  };
  const context = {
    registry: { get: () => ({ sandbox, ref: 'object' }) },
    engines: { ready: () => Promise.resolve(), available: () => ({ engine: { changes: { apply } } }) },
    events: { record: (_type: string, message: string) => void messages.push(message) },
    lock: createKeyedLock(),
  } as unknown as SandboxContext;
  return { changes: createChanges(context), messages };
}

it('tells of an apply that was cancelled, as it may have written something', async () => {
  const stop = new AbortController();
  const { changes, messages } = changesOf((_ref, _paths, signal) => {
    stop.abort(new Error('enough'));
    return Promise.reject(signal.reason);
  });
  await expect(changes.apply('it', undefined, stop.signal)).rejects.toThrow('enough');
  expect(messages).toEqual(['Cancelled applying changes to /home/me/project: what was written so far stays']);
});

it('tells nothing of an apply that the engine refused', async () => {
  const { changes, messages } = changesOf(() => Promise.reject(new AppError('conflict', 'The sandbox is running.')));
  await expect(changes.apply('it', undefined, new AbortController().signal)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(messages).toEqual([]);
});
