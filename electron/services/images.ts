import type { Image, PullItem } from '../../shared/contract/images.ts';
import { AppError } from '../../shared/model/error.ts';
import type { EngineKind } from '../../shared/model/spec.ts';
import type { ImageStore } from '../engines/engine.ts';
import type { Engines } from './engines/engines.ts';

export interface Images {
  readonly list: (kind: EngineKind) => Promise<readonly Image[]>;
  readonly pull: (kind: EngineKind, reference: string, signal: AbortSignal) => AsyncIterable<PullItem>;
}

export function createImages(engines: Engines): Images {
  function images(kind: EngineKind): ImageStore {
    const { engine } = engines.available(kind);
    if (!engine.images) throw new AppError('unsupported', `${kind} does not use images`);
    return engine.images;
  }
  return {
    list: (kind) => images(kind).list(),
    pull: (kind, reference, signal) => images(kind).pull(reference, signal),
  };
}
