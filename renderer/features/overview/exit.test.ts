import { expect, it } from 'vitest';
import { en } from '../../strings/en.ts';
import { describeExit } from './exit.tsx';

it.each([
  ['a stop that was asked for', { code: null, signal: null }, true, 'stopped on request', false],
  ['a container that was asked to stop', { code: 143, signal: null }, true, 'stopped on request, exit code 143', false],
  ['one that had to be killed', { code: null, signal: 'SIGKILL' }, true, 'stopped on request, ended by SIGKILL', false],
  ['an end that nobody saw', { code: null, signal: null }, false, en.overview.exitUnknown, false],
  ['an end without a failure', { code: 0, signal: null }, false, 'exit code 0', false],
  ['a failure', { code: 3, signal: null }, false, 'exit code 3', true],
  ['a signal from elsewhere', { code: null, signal: 'SIGSEGV' }, false, 'ended by SIGSEGV', true],
  [
    'a limit',
    { code: null, signal: 'SIGKILL', limit: 'memoryBytes' },
    false,
    'ended by SIGKILL, ended by the limit: Memory',
    true,
  ],
  [
    'a limit of the host',
    { code: null, signal: null, limit: 'wallTimeMs' },
    false,
    'ended by the limit: Run time',
    true,
  ],
  [
    'a main program that wrote too much',
    { code: 137, signal: null, limit: 'outputBytes' },
    false,
    'exit code 137, ended by the limit: Output',
    true,
  ],
])('%s', (_name, exit, onRequest, text, failed) => {
  expect(describeExit(exit, onRequest, en)).toEqual({ text, failed });
});

it.each([
  ['SIGSEGV', true, 'ended by SIGSEGV, perhaps by its limit of memory'],
  ['SIGABRT', true, 'ended by SIGABRT, perhaps by its limit of memory'],
  ['SIGSEGV', false, 'ended by SIGSEGV'],
  ['SIGTERM', true, 'ended by SIGTERM'],
])('%s, with a limit of memory: %s', (signal, hasMemoryLimit, text) => {
  expect(describeExit({ code: null, signal }, false, en, hasMemoryLimit)).toEqual({ text, failed: true });
});
