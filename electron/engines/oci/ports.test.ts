import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { canBind } from './ports.ts';

it('knows a port that is in use', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  expect(await canBind(port, 'tcp')).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await canBind(port, 'tcp')).toBe(true);
});

it('does not take a port that this user may not bind for one in use', async () => {
  const script = `
    import { createServer } from 'node:net';
    import { canBind } from ${JSON.stringify(new URL('./ports.ts', import.meta.url).href)};
    if (process.getuid() === 0) process.setuid(65534);
    const refused = await new Promise((resolve) => {
      const server = createServer().once('error', ({ code }) => resolve(code));
      server.listen(81, '127.0.0.1', () => server.close(() => resolve('allowed')));
    });
    console.log(JSON.stringify([refused, await canBind(81, 'tcp'), await canBind(81, 'udp')]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  const [refused, ...free] = JSON.parse(stdout);
  // Some machines let everybody bind every port; then there is nothing to be told apart.
  expect(['EACCES', 'allowed']).toContain(refused);
  expect(free).toEqual([true, true]);
});
