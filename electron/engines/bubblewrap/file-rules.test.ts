import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { checkFileRules } from './file-rules.ts';

it('tells what is missing from what cannot be looked at', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-rules-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink('round', join(folder, 'round'));
  const check = (name: string) => () => {
    const mounts = [{ hostPath: join(folder, name), path: '/data' }];
    const base = { name: 'a', engine: 'namespace', source: { type: 'empty' } };
    checkFileRules(sandboxSpecSchema.parse({ ...base, network: { mode: 'none' }, profile: 'standard', mounts }), []);
  };
  expect(check('nowhere')).toThrow('There is no file or folder');
  expect(check('round')).toThrow('leads back to itself');
});
