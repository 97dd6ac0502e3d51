import { describe, expect, it } from 'vitest';
import type { Config } from '../../../shared/model/config.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { createQuota } from './quota.ts';

const MIB = 1024 * 1024;
const sandbox = (id: string, state: Sandbox['state'], memoryBytes?: number, foreign = false) => ({
  sandbox: {
    id,
    state,
    foreign,
    spec: foreign ? null : { limits: memoryBytes === undefined ? {} : { memoryBytes } },
  } as Sandbox,
  ref: null,
});
const quotaOf = (machine: Config['machine'], ...all: readonly ReturnType<typeof sandbox>[]) =>
  createQuota({ all: () => all }, () => machine);
const asks = (memoryBytes?: number) => ({ limits: memoryBytes === undefined ? {} : { memoryBytes } });

describe('how many there may be', () => {
  const both = [sandbox('a', 'stopped'), sandbox('b', 'running'), sandbox('c', 'running', undefined, true)] as const;
  it('counts ours in any state, and none of others', () => {
    expect(() => quotaOf({ sandboxes: 3 }, ...both).requireRoom()).not.toThrow();
    expect(() => quotaOf({ sandboxes: 2 }, ...both).requireRoom()).toThrow(
      expect.objectContaining({ code: 'limit_exceeded', details: { key: 'machine.sandboxes', most: 2, count: 2 } }),
    );
    expect(() => quotaOf({}, ...both).requireRoom()).not.toThrow();
  });
});

describe('what memory they may have together', () => {
  const all = [sandbox('a', 'running', 30 * MIB), sandbox('b', 'paused', 20 * MIB), sandbox('c', 'stopped', 900 * MIB)];
  const machine = { memoryBytes: 100 * MIB };

  it('adds up those that hold some, and those that are about to', () => {
    const quota = quotaOf(machine, ...all);
    const release = quota.reserve('d', asks(50 * MIB));
    expect(() => quota.reserve('e', asks(6 * MIB))).toThrow(
      expect.objectContaining({
        code: 'limit_exceeded',
        message: 'This needs 6 MiB of memory; of the 100 MiB for all sandboxes 0 B are free',
      }),
    );
    release();
    expect(() => quota.reserve('e', asks(6 * MIB))).not.toThrow();
  });

  it('does not count one against itself', () => {
    expect(() => quotaOf(machine, ...all).reserve('a', asks(80 * MIB))).not.toThrow();
    expect(() => quotaOf(machine, ...all).reserve('a', asks(81 * MIB))).toThrow('This needs 81 MiB');
  });

  it('needs a limit of each', () => {
    expect(() => quotaOf(machine).reserve('d', asks())).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        details: expect.objectContaining({ field: 'limits.memoryBytes' }),
      }),
    );
    expect(() => quotaOf({}).reserve('d', asks())).not.toThrow();
  });
});
