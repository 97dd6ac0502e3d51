import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bindError, choosePorts } from './ports.ts';

const tcp = (port: number, hostPort?: number) =>
  ({ port, protocol: 'tcp', ...(hostPort === undefined ? {} : { hostPort }) }) as const;
const range = { first: 1000, last: 1002 };
const free = { range, taken: async () => new Set<string>(), isFree: async () => true };
const hostPorts = ({ ports }: { readonly ports: readonly { readonly hostPort: number }[] }) =>
  ports.map(({ hostPort }) => hostPort);

describe('choosing', () => {
  it('leaves to each the number that it asks for, in the order of what was asked', async () => {
    using chosen = await choosePorts({ ...free, requests: [tcp(80), tcp(81, 1000), tcp(82)] });
    expect(hostPorts(chosen)).toEqual([1001, 1000, 1002]);
  });

  it('gives no port to two that ask at once, and gives it again when the first is done', async () => {
    const ask = () => choosePorts({ ...free, requests: [tcp(80)] });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(new Set([...hostPorts(first), ...hostPorts(second)]).size).toBe(2);
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    using third = await ask();
    expect(hostPorts(third)).toEqual([1000]);
  });

  it('gives no port away that went on record after the records were asked', async () => {
    const first = await choosePorts({ ...free, requests: [tcp(80)] });
    const taken = async () => {
      const before = new Set<string>();
      first[Symbol.dispose]();
      return before;
    };
    using second = await choosePorts({ ...free, taken, requests: [tcp(80)] });
    expect(hostPorts(second)).toEqual([1001]);
  });

  it('passes over what is taken, by the protocol', async () => {
    const taken = async () => new Set(['1000/tcp', '1001/udp']);
    using chosen = await choosePorts({ ...free, taken, requests: [tcp(80)] });
    expect(hostPorts(chosen)).toEqual([1001]);
  });

  it('says which cannot be had, and keeps none then', async () => {
    const requests = [tcp(80), tcp(81, 2000)];
    const isFree = async ({ hostPort }: { readonly hostPort: number }) => hostPort !== 2000;
    await expect(choosePorts({ ...free, isFree, requests })).rejects.toMatchObject({
      code: 'conflict',
      details: { field: 'ports.1.hostPort' },
    });
    await expect(choosePorts({ ...free, isFree: async () => false, requests: [tcp(80)] })).rejects.toMatchObject({
      details: { field: 'ports.0', first: 1000, last: 1002 },
    });
    using after = await choosePorts({ ...free, requests: [tcp(80)] });
    expect(hostPorts(after)).toEqual([1000]);
  });
});

describe('binding', () => {
  it('knows a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const hostPort = address !== null && typeof address === 'object' ? address.port : 0;
    expect(await bindError({ hostPort, protocol: 'tcp' })).toBe('EADDRINUSE');
    await new Promise((resolve) => server.close(resolve));
    expect(await bindError({ hostPort, protocol: 'tcp' })).toBeNull();
  });

  it('tells a port that this user may not bind from one in use', async () => {
    const script = `
    import { createServer } from 'node:net';
    import { bindError } from ${JSON.stringify(new URL('./ports.ts', import.meta.url).href)};
    if (process.getuid() === 0) process.setuid(65534);
    const refused = await new Promise((resolve) => {
      const server = createServer().once('error', ({ code }) => resolve(code));
      server.listen(81, '127.0.0.1', () => server.close(() => resolve(null)));
    });
    const found = [await bindError({ hostPort: 81, protocol: 'tcp' }), await bindError({ hostPort: 81, protocol: 'udp' })];
    console.log(JSON.stringify([refused, ...found]));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const [refused, ...found] = JSON.parse(stdout);
    // Some machines let everybody bind every port; then there is nothing to be told apart.
    expect(['EACCES', null]).toContain(refused);
    expect(found).toEqual([refused, refused]);
  });
});
