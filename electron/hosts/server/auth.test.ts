import { expect, test } from 'vitest';
import { createAuth, SESSION_LIFETIME_MS } from './auth.ts';

function withClock() {
  let now = 0;
  let kept: unknown;
  const memory = {
    load: () => kept,
    save: (value: unknown) => {
      kept = value;
    },
  };
  const make = () => createAuth(memory, () => now);
  return { make, kept: () => JSON.stringify(kept), pass: (ms: number) => (now += ms) };
}

const MINUTE = 60_000;

test('a link works for a quarter of an hour', () => {
  const { make, pass } = withClock();
  const auth = make();
  const early = auth.newLinkToken();
  const late = auth.newLinkToken();
  pass(14 * MINUTE);
  expect(auth.redeem(early)).not.toBeNull();
  pass(MINUTE);
  expect(auth.redeem(late)).toBeNull();
});

test('a session lives on when the host is started again, and ends after its time', () => {
  const { make, pass } = withClock();
  const auth = make();
  const grant = auth.redeem(auth.newLinkToken());
  const again = make();
  expect(again.isSession(grant?.cookie ?? '', grant?.key ?? '')).toBe(true);
  pass(SESSION_LIFETIME_MS);
  expect(again.isSession(grant?.cookie ?? '', grant?.key ?? '')).toBe(false);
});

test('cookie and key of two sessions do not go together', () => {
  const auth = withClock().make();
  const one = auth.redeem(auth.newLinkToken());
  const other = auth.redeem(auth.newLinkToken());
  expect(auth.isSession(one?.cookie ?? '', other?.key ?? '')).toBe(false);
});

test('what is kept holds no secret', () => {
  const { make, kept } = withClock();
  const auth = make();
  const grant = auth.redeem(auth.newLinkToken());
  expect(kept()).not.toContain(grant?.cookie);
  expect(kept()).not.toContain(grant?.key);
});

test('a bearer token is of one start only', () => {
  const { make } = withClock();
  const auth = make();
  expect(auth.isBearer(auth.bearer)).toBe(true);
  expect(make().isBearer(auth.bearer)).toBe(false);
});
