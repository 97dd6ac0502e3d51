import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { hostLimitNames } from '../host-limits.ts';
import { plainCapabilities } from '../local/capabilities.ts';
import { createProcessEngine } from './process-engine.ts';

const probe = async (platform: NodeJS.Platform) => {
  const engine = createProcessEngine({ owner: 'test', home: tmpdir(), platform });
  const report = await engine.probe();
  await engine.dispose();
  return report;
};

it('says that Windows is not served yet', async () => {
  const { status, reason, hint } = await probe('win32');
  expect(status).toBe('missing');
  expect(reason).toContain('Linux and macOS');
  expect(hint).not.toBeNull();
});

it('is available where util-linux is, and says which', async () => {
  const { status, facts } = await probe('linux');
  expect(status).toBe('available');
  expect(facts.prlimit).toContain('util-linux');
});

it('claims no resource limit on macOS, only what the host holds', () => {
  const { limits } = plainCapabilities('darwin');
  const claimed = Object.entries(limits).filter(([, { support }]) => support !== 'unsupported');
  expect(claimed.map(([name]) => name)).toEqual([...hostLimitNames, 'cpuTimeMs']);
});

it.each(['linux', 'darwin'] as const)(
  'does not claim to hold output that a program can forge the count of on %s',
  (platform) => {
    expect(plainCapabilities(platform).limits.outputBytes.support).toBe('best-effort');
  },
);

it.each(['linux', 'darwin'] as const)('never calls itself isolated on %s', (platform) => {
  const { isolation, profiles, network } = plainCapabilities(platform);
  expect(isolation).toBe('none');
  expect(profiles.standard).toEqual({
    support: 'unsupported',
    note: 'a plain process is not isolated from this machine',
  });
  expect(Object.entries(network).flatMap(([mode, { support }]) => (support === 'enforced' ? [mode] : []))).toEqual([
    'full',
  ]);
});
