import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it } from 'vitest';
import { AGENT_LABEL } from '../../../shared/model/agent-label.ts';
import { hostForTests } from '../testing/host-for-tests.ts';
import { makeHome, startHost } from '../testing/host-process.ts';
import { waitFor } from '../testing/wait-for.ts';
import { environmentOf, program } from './testing/terrarium.ts';

const { home, host } = hostForTests();

/** What the user says who trusts an agent with this machine. */
const TRUSTED = ['--engine', 'process'];

const agent = (...flags: readonly string[]) => agentOf(home.path, flags);

async function agentOf(place: string, flags: readonly string[]) {
  const env = Object.fromEntries(
    Object.entries(environmentOf(place)).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const client = new Client({ name: 'test agent', version: '1.0.0' });
  const transport = new StdioClientTransport({ command: process.execPath, args: [program, 'mcp', ...flags], env });
  await client.connect(transport);
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const { content, isError } = await client.callTool({ name, arguments: args });
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    return { isError: isError === true, text, value: isError ? {} : JSON.parse(text) };
  };
  return { client, call, transport, [Symbol.asyncDispose]: () => client.close() };
}

const names = async () => (await host.client.sandboxes.list({})).map(({ name }) => name);

describe('terrarium mcp', () => {
  it('tells what tools there are, and what each takes', async () => {
    await using mcp = await agent();
    const { tools } = await mcp.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['list_engines', 'create_sandbox', 'run_command', 'list_sandboxes', 'destroy_sandbox']),
    );
    const create = tools.find(({ name }) => name === 'create_sandbox');
    expect(create?.inputSchema.properties).toHaveProperty('memory_mib');
    const { engines } = (await mcp.call('list_engines')).value;
    expect(engines).toContainEqual(
      expect.objectContaining({ engine: 'process', status: 'available', isolation: 'none' }),
    );
  });

  it('makes a sandbox, runs commands in it, and destroys it, under its own label', async () => {
    await using mcp = await agent(...TRUSTED);
    const made = (await mcp.call('create_sandbox', { name: 'agents' })).value;
    expect(made).toMatchObject({ name: 'agents', engine: 'process', state: 'running' });
    const { spec } = await host.client.sandboxes.get({ id: made.id });
    expect(spec?.labels[AGENT_LABEL]).toMatch(/^test agent\/[0-9a-f]{8}$/);

    const shell = await mcp.call('run_command', { sandbox: 'agents', command: 'echo out; echo err >&2; exit 3' });
    expect(shell.value).toMatchObject({ state: 'exited', exit_code: 3, stdout: 'out\n', stderr: 'err\n' });
    const cat = await mcp.call('run_command', { sandbox: made.id, command: ['cat'], stdin: 'typed' });
    expect(cat.value.stdout).toBe('typed');
    const slow = await mcp.call('run_command', { sandbox: 'agents', command: 'sleep 600', timeout_seconds: 0.2 });
    expect(slow.value).toMatchObject({ state: 'timeout', exit_code: null });
    const long = await mcp.call('run_command', { sandbox: 'agents', command: 'yes | head -c 200000' });
    expect(long.value.stdout).toContain('150000 characters left out');

    expect((await mcp.call('list_sandboxes')).value.sandboxes).toEqual([expect.objectContaining({ name: 'agents' })]);
    await mcp.call('destroy_sandbox', { sandbox: 'agents' });
    expect((await mcp.call('list_sandboxes')).value.sandboxes).toEqual([]);
    expect(await names()).not.toContain('agents');
  });

  it('writes, reads and lists files', async () => {
    await using mcp = await agent(...TRUSTED);
    const { id } = (await mcp.call('create_sandbox')).value;
    const at = (path: string) => ({ sandbox: id, path });
    expect((await mcp.call('write_file', { ...at('src/a.py'), content: 'print(42)\n' })).value).toMatchObject({
      size: 10,
    });
    expect((await mcp.call('read_file', at('src/a.py'))).value).toEqual({
      path: 'src/a.py',
      size: 10,
      text: 'print(42)\n',
    });
    await mcp.call('write_file', { ...at('any'), content: '//79', encoding: 'base64' });
    expect((await mcp.call('read_file', at('any'))).value).toMatchObject({ size: 3, base64: '//79' });
    await mcp.call('run_command', { sandbox: id, command: 'head -c 100000 /dev/zero | tr "\\0" "\\377" >large' });
    expect((await mcp.call('read_file', at('large'))).text).toContain('limit_exceeded');
    const { entries } = (await mcp.call('list_files', at('.'))).value;
    expect(entries).toEqual(expect.arrayContaining([{ name: 'any', type: 'file', size: 3 }]));
    expect(await mcp.call('read_file', at('/etc/passwd'))).toMatchObject({ isError: true });
  });

  it('neither sees nor touches what it did not make', async () => {
    await using other = await agent(...TRUSTED);
    await other.call('create_sandbox', { name: 'otgiven' });
    await using mcp = await agent(...TRUSTED);
    expect((await mcp.call('list_sandboxes')).value.sandboxes).toEqual([]);
    const calls = {
      run_command: { command: 'true' },
      read_file: { path: 'a' },
      write_file: { path: 'a', content: 'b' },
      list_files: {},
      destroy_sandbox: {},
    };
    for (const [name, args] of Object.entries(calls)) {
      const refused = await mcp.call(name, { sandbox: 'otgiven', ...args });
      expect(refused, name).toMatchObject({ isError: true, text: expect.stringContaining('not_found') });
    }
    expect(await names()).toContain('otgiven');
  });

  it('gets nothing that does not isolate, unless the user says so', async () => {
    await using mcp = await agent('--directory', import.meta.dirname);
    for (const engine of ['process', 'virtualenv']) {
      const refused = await mcp.call('create_sandbox', { engine });
      expect(refused, engine).toMatchObject({ isError: true, text: expect.stringContaining('does not isolate') });
    }
    const usual = await mcp.call('create_sandbox');
    expect(usual.isError ? usual.text : usual.value.engine).toMatch(/^namespace$|^engine_unavailable/);
  });

  it('is bounded, also when it asks for all at once', async () => {
    await using mcp = await agent(...TRUSTED);
    const all = await Promise.all(Array.from({ length: 23 }, () => mcp.call('create_sandbox')));
    expect(all.filter(({ isError }) => !isError)).toHaveLength(20);
    expect(all.filter(({ text }) => text.includes('limit_exceeded'))).toHaveLength(3);
  });

  it('goes on with the next host', async () => {
    const place = await makeHome();
    const first = await startHost(place.path);
    {
      await using mcp = await agentOf(place.path, TRUSTED);
      await mcp.call('create_sandbox', { name: 'lasting' });
      await first.kill();
      expect((await mcp.call('list_sandboxes')).isError).toBe(true);
      const second = await startHost(place.path);
      expect((await mcp.call('run_command', { sandbox: 'lasting', command: 'echo on' })).value.stdout).toBe('on\n');
      await mcp.client.close();
      await waitFor('the sandbox to be gone', async () =>
        (await second.client.sandboxes.list({})).every(({ foreign }) => foreign),
      );
      await second.stop();
    }
    await place.remove();
  });

  it('keeps to what the user has fixed', async () => {
    await using mcp = await agent(...TRUSTED, '--label', 'team=red', '--network', 'full', '--env', 'FIXED=yes');
    const refused = await mcp.call('create_sandbox', { engine: 'docker' });
    expect(refused).toMatchObject({
      isError: true,
      text: expect.stringContaining('denied: The user has fixed engine'),
    });
    const { id } = (await mcp.call('create_sandbox')).value;
    const { spec, engine } = await host.client.sandboxes.get({ id });
    expect({ engine, team: spec?.labels.team }).toEqual({ engine: 'process', team: 'red' });
  });

  it('says what the engine says, and what is wrong in what was asked', async () => {
    await using mcp = await agent(...TRUSTED);
    const limited = await mcp.call('create_sandbox', { cpus: 1 });
    expect(limited).toMatchObject({ isError: true, text: expect.stringContaining('unsupported') });
    const wrong = await mcp.call('create_sandbox', { engine: 'vax' });
    expect(wrong).toMatchObject({ isError: true, text: expect.stringContaining('engine') });
  });

  it('leaves nothing for long when its server is killed', async () => {
    const mcp = await agent(...TRUSTED, '--ttl', '2s');
    const { id } = (await mcp.call('create_sandbox', { name: 'leased' })).value;
    const ttl = async () => (await host.client.sandboxes.get({ id })).spec?.ttlMs ?? 0;
    expect(await ttl()).toBeGreaterThanOrEqual(2000);
    // It lives longer than that while the server does.
    await waitFor('the lease to be renewed for long enough', async () => (await ttl()) > 5000);
    const told = (await host.client.events.list({ sandboxId: id })).map(({ type }) => type);
    expect(told).not.toContain('updated');
    await using keeping = await agent(...TRUSTED, '--keep');
    const kept = (await keeping.call('create_sandbox', { name: 'without end' })).value;
    expect((await host.client.sandboxes.get({ id: kept.id })).spec).not.toHaveProperty('ttlMs');
    process.kill(mcp.transport.pid ?? 0, 'SIGKILL');
    await waitFor('the sandbox to be gone', async () => !(await names()).includes('leased'));
    await mcp.client.close();
    expect(await names()).toContain('without end');
  });

  it('gives sandboxes a day, or the end that the user has fixed', async () => {
    await using mcp = await agent(...TRUSTED);
    const { id } = (await mcp.call('create_sandbox')).value;
    expect((await host.client.sandboxes.get({ id })).spec?.ttlMs).toBe(24 * 3600 * 1000);
    const file = join(home.path, 'fixed.json');
    await writeFile(file, JSON.stringify({ engine: 'process', ttlMs: 90_000 }));
    await using fixed = await agent('-f', file, '--ttl', '1s');
    const given = (await fixed.call('create_sandbox')).value;
    expect((await host.client.sandboxes.get({ id: given.id })).spec?.ttlMs).toBe(90_000);
  });

  it('leaves nothing when the agent is done, unless it is told to', async () => {
    {
      await using mcp = await agent(...TRUSTED);
      await mcp.call('create_sandbox', { name: 'passing' });
      await using keeping = await agent(...TRUSTED, '--keep');
      await keeping.call('create_sandbox', { name: 'staying' });
      expect(await names()).toEqual(expect.arrayContaining(['passing', 'staying']));
    }
    await waitFor('the sandbox to be gone', async () => !(await names()).includes('passing'));
    expect(await names()).toContain('staying');
  });
});
