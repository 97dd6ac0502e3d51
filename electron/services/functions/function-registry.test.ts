import { expect, it } from 'vitest';
import type { Store } from '../../store/store.ts';
import { createFunctionRegistry, type FunctionEntry } from './function-registry.ts';

it('writes to the store what is put, and not what was loaded from it', () => {
  const written: string[] = [];
  const store = { functions: { put: ({ id }: { readonly id: string }) => written.push(id) } } as unknown as Store;
  const registry = createFunctionRegistry(store);
  const entry = (id: string) => ({ row: { id } }) as unknown as FunctionEntry;
  registry.load(entry('loaded'));
  registry.put(entry('put'));
  expect(registry.all().map(({ row }) => row.id)).toEqual(['loaded', 'put']);
  expect(written).toEqual(['put']);
  registry.stop();
});
