import { expect, it } from 'vitest';
import { joinCommand, splitCommand } from './command-line.ts';

it.each([
  ['sleep 60', ['sleep', '60']],
  [`sh -c 'echo "a b"; exit 1'`, ['sh', '-c', 'echo "a b"; exit 1']],
  ['  node   server.js ', ['node', 'server.js']],
  ['', []],
  ['echo "" end', ['echo', '', 'end']],
])('splits %s', (text, argv) => expect(splitCommand(text)).toEqual(argv));

it('refuses a quote that is not closed', () => {
  expect(splitCommand(`sh -c 'echo`)).toBeUndefined();
  expect(splitCommand(`echo "it's`)).toBeUndefined();
});

it('writes an argv so that it can be split again', () => {
  const argv = ['sh', '-c', 'echo a; ls | wc -l', ''];
  expect(splitCommand(joinCommand(argv))).toEqual(argv);
});
