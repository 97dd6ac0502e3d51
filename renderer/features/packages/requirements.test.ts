import { expect, it } from 'vitest';
import { pinned, splitRequirements } from './requirements.ts';

it.each([
  ['requests', ['requests']],
  ['requests flask', ['requests', 'flask']],
  ['requests, flask', ['requests', 'flask']],
  ['requests >= 2, < 3 flask==1.0', ['requests>=2,<3', 'flask==1.0']],
  ['requests[socks]~=2.1', ['requests[socks]~=2.1']],
  ['@scope/name@^1.2 other@latest', ['@scope/name@^1.2', 'other@latest']],
  ['  ', []],
])('cuts %j into %j', (text, requirements) => expect(splitRequirements(text)).toEqual(requirements));

it('names one version as its provider does', () => {
  expect(pinned('pip', 'a', '1')).toBe('a==1');
  expect(pinned('npm', '@s/a', '1')).toBe('@s/a@1');
});
