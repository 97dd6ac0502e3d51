import { pino } from 'pino';
import { expect, it } from 'vitest';
import { sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { labels, ownLabels, readOwned } from './labels.ts';

const spec = sandboxSpecSchema.parse({
  name: 'one',
  engine: 'docker',
  source: { type: 'image', reference: 'busybox:latest' },
  network: { mode: 'none' },
  profile: 'standard',
  env: { A: 'ü "quoted"' },
  labels: { purpose: 'test' },
});
const request = { id: 'sbx_0123456789abcdef', generation: 3, spec, directory: '/x', portRange: { first: 1, last: 2 } };
const fallback = {
  kind: 'docker' as const,
  name: 'terrarium-one',
  image: 'busybox:latest',
  log: pino({ enabled: false }),
};

it('reads back what it wrote', () => {
  const found = ownLabels('me', request, ['20000/tcp']);
  expect(found.purpose).toBe('test');
  expect(readOwned(found, 'me', fallback)).toEqual({ id: request.id, generation: 3, spec });
});

it('takes containers of another owner for foreign', () => {
  expect(readOwned(ownLabels('me', request, []), 'you', fallback)).toBeNull();
  expect(readOwned({}, 'me', fallback)).toBeNull();
});

it.each(['{broken', '{}', JSON.stringify({ ...spec, future: true })])(
  'keeps what is ours ours with the spec %s',
  (text) => {
    const owned = readOwned({ ...ownLabels('me', request, []), [labels.spec]: text }, 'me', fallback);
    expect(owned).toMatchObject({
      id: request.id,
      generation: 3,
      spec: { name: 'terrarium-one', source: spec.source },
    });
    expect(() => sandboxSpecSchema.parse(owned?.spec)).not.toThrow();
  },
);

it('takes for foreign what says it is ours but not which', () => {
  expect(readOwned({ ...ownLabels('me', request, []), [labels.id]: 'mine' }, 'me', fallback)).toBeNull();
});

it('does not let a user’s label pass for one of ours', () => {
  const sly = { ...spec, labels: { [labels.owner]: 'somebody', [labels.id]: 'other' } };
  expect(ownLabels('me', { ...request, spec: sly }, [])).toMatchObject({
    [labels.owner]: 'me',
    [labels.id]: request.id,
  });
});
