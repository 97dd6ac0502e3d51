import { expect, it } from 'vitest';
import { fakeInvocation } from '../../test-support/fake-function.ts';
import { mergeNewest } from './use-history.ts';

const list = (...ids: readonly string[]) => ids.map((id) => fakeInvocation({ id }));
const merged = (newest: readonly string[], known: readonly string[], page: number) => {
  const { invocations, isGap } = mergeNewest(list(...newest), list(...known), page);
  return [invocations.map(({ id }) => id).join(''), isGap];
};

it('puts newer ones before those that are known, each once', () => {
  expect(merged(['d', 'c', 'b'], ['b', 'a'], 3)).toEqual(['dcba', false]);
  expect(merged(['b', 'a'], ['b', 'a'], 2)).toEqual(['ba', false]);
});

it('begins anew when so many came that some between are not known', () => {
  expect(merged(['z', 'y', 'x'], ['b', 'a'], 3)).toEqual(['zyx', true]);
  expect(merged(['z', 'y'], ['b', 'a'], 3)).toEqual(['zyba', false]);
});
