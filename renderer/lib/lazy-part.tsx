import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/** A part of the page whose code did not come: the host was away, or serves another build by now. */
export class LoadFailure extends Error {
  override readonly name = 'LoadFailure';
}

export type LazyPart<P extends object> = ComponentType<P & { readonly waiting?: ReactNode }>;

const loaders = new Set<() => Promise<unknown>>();

/** What was declared lazy and may be loaded before it is needed. Each rejects with a LoadFailure. */
export function partLoaders(): Iterable<() => Promise<unknown>> {
  return loaders;
}

/** Loads once, however often it is asked; after a failure the next one asks again. */
export function loadOnce<T>(load: () => Promise<T>): {
  readonly load: () => Promise<T>;
  readonly known: () => T | undefined;
} {
  let known: T | undefined;
  let loading: Promise<T> | undefined;
  const once = () => {
    loading ??= load().then(
      (value) => {
        known = value;
        return value;
      },
      (error: unknown) => {
        loading = undefined;
        throw new LoadFailure(error instanceof Error ? error.message : String(error), { cause: error });
      },
    );
    return loading;
  };
  loaders.add(once);
  return { load: once, known: () => known };
}

/**
 * A component whose code comes later, and is there at once when it came before. Unlike React's `lazy`
 * it asks again each time it is shown after a failure. Until then `waiting` is shown, or nothing.
 */
export function lazyPart<P extends object>(load: () => Promise<ComponentType<P>>): LazyPart<P> {
  const part = loadOnce(load);
  return function Part({ waiting, ...props }) {
    const [state, setState] = useState<{ readonly component?: ComponentType<P>; readonly error?: unknown }>(() => {
      const component = part.known();
      return component ? { component } : {};
    });
    useEffect(() => {
      if (part.known()) return setState({ component: part.known() as ComponentType<P> });
      let gone = false;
      part.load().then(
        (component) => gone || setState({ component }),
        (error: unknown) => gone || setState({ error }),
      );
      return () => {
        gone = true;
      };
    }, []);
    if (state.error !== undefined) throw state.error;
    const { component: Component } = state;
    return Component ? <Component {...(props as unknown as P)} /> : waiting;
  };
}
