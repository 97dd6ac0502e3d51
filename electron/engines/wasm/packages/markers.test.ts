import { expect, it } from 'vitest';
import { holds } from './markers.ts';
import { isMet, parseRequirement } from './requirement.ts';

const environment = {
  python_version: '3.14',
  python_full_version: '3.14.2',
  os_name: 'posix',
  sys_platform: 'emscripten',
  extra: 'test',
};

it.each([
  ['python_version >= "3.8"', true],
  ['python_version < "3.8"', false],
  // As versions: as text, 3.14 would come before 3.9.
  ["python_version > '3.9'", true],
  ['python_full_version == "3.14.*"', true],
  ['"3.14" == python_version', true],
  ['sys_platform == "win32" or os_name == "posix"', true],
  ['sys_platform == "win32" or os_name == "posix" and extra == "docs"', false],
  ['(sys_platform == "win32" or os_name == "posix") and extra == "test"', true],
  ['sys_platform not in "linux darwin"', true],
  ['"scripten" in sys_platform', true],
] as const)('the marker %s is %s', (marker, expected) => {
  expect(holds(marker, environment)).toBe(expected);
});

it.each([
  'python_version',
  'python_version >=',
  'python_version >= "3" and',
  'unknown == "x"',
  '(python_version >= "3"',
  'python_version >= "3" )',
  `${'('.repeat(100)}os_name == "posix"${')'.repeat(100)}`,
  '__import__("os")',
  '',
])('the marker %j cannot be read', (marker) => {
  expect(holds(marker, environment)).toBeNull();
});

it('requirements are read with extras, specifier and marker', () => {
  expect(parseRequirement('Some.Name[Socks, test_x] >= 1.2, <2 ; extra == "test"', environment)).toEqual({
    wanted: true,
    requirement: expect.objectContaining({ name: 'some-name', extras: ['socks', 'test-x'], specifier: '>=1.2,<2' }),
  });
  expect(parseRequirement('name (>=1.0)', environment)?.requirement.specifier).toBe('>=1.0');
  expect(parseRequirement('name; python_version < "3"', environment)?.wanted).toBe(false);
  for (const text of ['name @ https://example.org/name.whl', '../name', '-r file', 'name>>1', '', 'x'.repeat(3000)]) {
    expect(parseRequirement(text, environment), text).toBeNull();
  }
});

it('a pre-release is met only where one was asked for', () => {
  expect(isMet({ specifier: '>=1.0' }, '2.0rc1')).toBe(false);
  expect(isMet({ specifier: '>=2.0rc1' }, '2.0rc1')).toBe(true);
});
