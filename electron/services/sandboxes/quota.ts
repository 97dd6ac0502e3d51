import type { Config } from '../../../shared/model/config.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import { formatBytes, formatCount } from '../../../shared/units.ts';
import type { Registry } from './registry.ts';

type Spec = Pick<SandboxSpec, 'limits'>;

/** Limits of all our sandboxes together. Both throw `limit_exceeded`, and `invalid_input` for a spec that cannot be added up. */
export interface Quota {
  /** Before one more is put into the list. */
  readonly requireRoom: () => void;
  /**
   * Keeps memory for one that is about to run, or to run with another limit, until the returned function is called: from
   * then on its state says whether it holds some.
   */
  readonly reserve: (id: string, spec: Spec) => () => void;
}

export function createQuota(registry: Pick<Registry, 'all'>, machine: () => Config['machine']): Quota {
  const reserved = new Map<string, number>();

  const ours = () =>
    registry
      .all()
      .map(({ sandbox }) => sandbox)
      .filter(({ foreign }) => !foreign);

  /** By those that run, or are about to; without one sandbox. */
  const memoryHeld = (without: string): number => {
    const held = new Map(
      ours()
        .filter(({ state }) => state === 'running' || state === 'paused' || state === 'stopping')
        .map(({ id, spec }) => [id, spec?.limits.memoryBytes ?? 0]),
    );
    for (const [id, bytes] of reserved) held.set(id, Math.max(bytes, held.get(id) ?? 0));
    held.delete(without);
    return held.values().reduce((sum, bytes) => sum + bytes, 0);
  };

  return {
    requireRoom() {
      const { sandboxes: most } = machine();
      const count = ours().length;
      if (most === undefined || count < most) return;
      throw new AppError(
        'limit_exceeded',
        `The configuration allows ${formatCount(most)} sandbox${most === 1 ? '' : 'es'}, and no more can be made`,
        {
          hint: 'Destroy some, or raise machine.sandboxes in the configuration.',
          details: { key: 'machine.sandboxes', most, count },
        },
      );
    },
    reserve(id, { limits }) {
      const { memoryBytes: most } = machine();
      if (most === undefined) return () => undefined;
      const wanted = limits.memoryBytes;
      if (wanted === undefined) {
        throw new AppError(
          'invalid_input',
          'The configuration limits the memory of all sandboxes, so each needs a limit',
          {
            hint: 'Make it with limits.memoryBytes (and best effort where its engine can only try), or with a default for its engine in the configuration.',
            details: { field: 'limits.memoryBytes', key: 'machine.memoryBytes' },
          },
        );
      }
      const held = memoryHeld(id);
      if (held + wanted > most) {
        const free = Math.max(0, most - held);
        throw new AppError(
          'limit_exceeded',
          `This needs ${formatBytes(wanted)} of memory; of the ${formatBytes(most)} for all sandboxes ${formatBytes(free)} are free`,
          {
            hint: 'Stop some, give it less, or raise machine.memoryBytes in the configuration.',
            details: { key: 'machine.memoryBytes', most, held, wanted },
          },
        );
      }
      reserved.set(id, wanted);
      return () => reserved.delete(id);
    },
  };
}
