import { expect, it } from 'vitest';
import { daemonConfig } from './daemon-config.ts';

it('adds gVisor to what the system has configured', () => {
  const system = { 'log-level': 'warn', runtimes: { kata: { path: '/usr/bin/kata' } } };
  expect(daemonConfig(system, '/usr/bin/runsc')).toEqual({
    'log-level': 'warn',
    experimental: true,
    runtimes: {
      kata: { path: '/usr/bin/kata' },
      runsc: { path: '/usr/bin/runsc', runtimeArgs: ['--platform=ptrace', '--network=none'] },
    },
  });
});

it('leaves the configuration as it is where there is no gVisor', () => {
  expect(daemonConfig({ debug: true }, null)).toEqual({ debug: true });
});

it('does not go on with a configuration that is none', () => {
  expect(() => daemonConfig([], null)).toThrow();
});
