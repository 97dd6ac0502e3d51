import { expect, test } from 'vitest';
import { chooseHost, hasDisplay, type Situation, webInstead } from './choose-host.ts';

const laptop: Situation = {
  webBecause: null,
  platform: 'linux',
  hasDisplay: true,
  isRoot: false,
  hasBinary: true,
};

test.each<[string, Partial<Situation>, string]>([
  ['a laptop with Electron', {}, 'desktop'],
  ['a laptop without its binary', { hasBinary: false }, 'fetch'],
  ['a Mac, which has no DISPLAY', { platform: 'darwin', hasDisplay: false }, 'desktop'],
  ["a Mac's root", { platform: 'darwin', isRoot: true }, 'desktop'],
  ['no display', { hasDisplay: false }, 'web'],
  ['no display and no binary: no fetch either', { hasDisplay: false, hasBinary: false }, 'web'],
  ['root', { isRoot: true }, 'web'],
  ['root without a binary: no fetch either', { isRoot: true, hasBinary: false }, 'web'],
  ['--web', { webBecause: '--web' }, 'web'],
  ['--port', { webBecause: '--port' }, 'web'],
  ['--no-open', { webBecause: '--no-open' }, 'web'],
])('%s', (_, change, host) => {
  expect(chooseHost({ ...laptop, ...change }).host).toBe(host);
});

test.each<[Partial<Situation>, string | null]>([
  [{ webBecause: '--web', hasDisplay: false }, null],
  [{ webBecause: '--port' }, '--port'],
  [{ hasDisplay: false }, 'DISPLAY'],
  [{ isRoot: true }, 'root'],
])('%j says why: %s', (change, why) => {
  const choice = chooseHost({ ...laptop, ...change });
  const reason = choice.host === 'web' ? choice.reason : 'not the web host';
  if (why === null) expect(reason).toBeNull();
  else expect(reason).toContain(why);
});

test('the reason is one line', () => {
  expect(webInstead('there is no display')).toBe(
    'Terrarium opens in the browser instead of a window: there is no display.',
  );
});

test.each([
  [{}, false],
  [{ DISPLAY: '' }, false],
  [{ DISPLAY: ':0' }, true],
  [{ WAYLAND_DISPLAY: 'wayland-0' }, true],
])('%j has a display: %s', (env, expected) => {
  expect(hasDisplay(env)).toBe(expected);
});
