import { randomInt } from 'node:crypto';

const FIRST = [
  'amber',
  'bold',
  'calm',
  'dewy',
  'early',
  'fresh',
  'green',
  'hazy',
  'kind',
  'lush',
  'mellow',
  'quiet',
  'sunny',
  'tall',
  'warm',
  'wild',
];
const SECOND = [
  'aloe',
  'basil',
  'clover',
  'daisy',
  'elder',
  'fern',
  'ginkgo',
  'hazel',
  'iris',
  'juniper',
  'lichen',
  'moss',
  'nettle',
  'orchid',
  'reed',
  'sage',
];

/** A name that is easy to say and not taken, e.g. `quiet-fern` or, when that is gone, `quiet-fern-2`. */
export function makeName(isTaken: (name: string) => boolean): string {
  const base = `${FIRST[randomInt(FIRST.length)]}-${SECOND[randomInt(SECOND.length)]}`;
  let name = base;
  for (let count = 2; isTaken(name); count += 1) name = `${base}-${count}`;
  return name;
}
