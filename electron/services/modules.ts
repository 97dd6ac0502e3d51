import type { ModuleInfo } from '../../shared/contract/modules.ts';
import { AppError } from '../../shared/model/error.ts';
import type { Engine } from '../engines/engine.ts';
import type { Engines } from './engines/engines.ts';
import type { Sandboxes } from './sandboxes/sandboxes.ts';

export interface Modules {
  readonly inspect: (path: string) => Promise<ModuleInfo>;
  readonly of: (sandboxId: string) => Promise<ModuleInfo | null>;
}

export function createModules({
  engines,
  sandboxes,
}: {
  readonly engines: Engines;
  readonly sandboxes: Sandboxes;
}): Modules {
  function reader() {
    const { engine }: { readonly engine: Engine } = engines.available('wasm');
    if (!engine.modules) throw new AppError('unsupported', 'Modules are not read here.');
    return engine.modules;
  }
  return {
    inspect: (path) => reader().inspect(path),
    async of(sandboxId) {
      const { engine, ref } = sandboxes.target(sandboxId);
      return (await engine.modules?.of(ref)) ?? null;
    },
  };
}
