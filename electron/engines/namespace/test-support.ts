import { describeUnless } from '../engine-contract/describe-unless.ts';
import { createTestEngineWith, type TestEngine } from '../engine-contract/test-engine.ts';
import { createNamespaceEngine } from './namespace-engine.ts';

export type { TestEngine } from '../engine-contract/test-engine.ts';

/** For the tests of this folder. */
export const createTestEngine = (home?: string): Promise<TestEngine> =>
  createTestEngineWith({
    home,
    makeEngine: (folder) => createNamespaceEngine({ owner: 'test', home: folder }),
    defaults: { engine: 'namespace', network: { mode: 'none' }, profile: 'standard' },
  });

/** Like `describe`, for tests that need sandboxes of namespaces. */
export async function describeNamespace(title: string, body: () => void): Promise<void> {
  const engine = createNamespaceEngine({ owner: 'test', home: '/nonexistent' });
  const { reason } = await engine.probe();
  await engine.dispose();
  describeUnless(reason, title, body);
}
