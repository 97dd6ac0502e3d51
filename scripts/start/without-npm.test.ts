import { delimiter } from 'node:path';
import { expect, test } from 'vitest';
import { withoutNpm } from './without-npm.ts';

const join = (...folders: readonly string[]) => folders.join(delimiter);
const npms = [
  '/p/node_modules/.bin',
  '/node_modules/.bin',
  '/usr/lib/node_modules/npm/node_modules/x/lib/node-gyp-bin',
];

test('what npm has put before the PATH is taken out', () => {
  expect(withoutNpm({ PATH: join(...npms, '/usr/bin', '/bin'), npm_lifecycle_event: 'start' })).toBe(
    join('/usr/bin', '/bin'),
  );
});

test('without npm the PATH is the user’s, whatever is in it', () => {
  expect(withoutNpm({ PATH: join(...npms, '/bin') })).toBe(join(...npms, '/bin'));
});
