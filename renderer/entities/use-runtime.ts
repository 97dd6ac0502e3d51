import type { Runtime } from '../../shared/model/engine.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { useHost } from '../stores/page.ts';

/** The runtime that a sandbox has in place of its engine's usual one, as its engine reports it. */
export function useRuntime({ engine, spec }: Pick<Sandbox, 'engine' | 'spec'>): Runtime | undefined {
  return useHost((state) =>
    state.engines?.find(({ kind }) => kind === engine)?.runtimes.find(({ name }) => name === spec?.runtime),
  );
}
