import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeHome } from '../testing/host-process.ts';

test('a port that another program has is said in the user’s words', async () => {
  const home = await makeHome();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? String(address?.port) : '';

  const main = join(import.meta.dirname, 'main.ts');
  const env = { ...process.env, TERRARIUM_HOME: home.path };
  const end = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [main, '--no-open', '--port', port], { env }, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
  other.close();
  await home.remove();
  expect(end).toEqual({
    code: 1,
    stderr: `Port ${port} is used by another program. Give another number with --port, or leave it out.\n`,
  });
});
