import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test.each([
  [[], null, []],
  [['--web'], '--web', []],
  [['--port', '8000'], '--port', ['--port', '8000']],
  [['--port=0', '--no-open'], '--port', ['--port', '0', '--no-open']],
  [['--no-open'], '--no-open', ['--no-open']],
  [['--web', '--port', '1'], '--web', ['--port', '1']],
])('%j', (argv, webBecause, webArguments) => {
  expect(parseOptions(argv)).toEqual({ help: false, webBecause, webArguments });
});

test('--help', () => {
  expect(parseOptions(['--help']).help).toBe(true);
});

test.each([
  [['--bogus'], '--bogus'],
  [['web'], 'web'],
  [['-w'], '-w'],
  [['--port'], '--port'],
  [['--port', 'http'], '"http"'],
  [['--port', '65536'], '"65536"'],
  [['--port=-1'], '"-1"'],
  [['--port', '1e3'], '"1e3"'],
  [['--web=yes'], '--web'],
])('%j is refused by name', (argv, name) => {
  expect(() => parseOptions(argv)).toThrow(name);
});
