import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../shared/model/config.ts';
import { changeConfig, type MergePatch, problemText, readConfig } from './config-text.ts';

const text = `# of this laptop
[ports]
first = 3000 # since the proxy has those above
last = 4000

[engines.docker]
image = "debian:12"
network = "none"
limits = { memoryBytes = "512MiB", wallTimeMs = "1h30m", cpuCores = 0.5 }
`;

describe('reading', () => {
  it('takes sizes, times and networks as people write them, and fills in the rest', () => {
    const { config } = readConfig(text);
    expect(config).toEqual({
      ...defaultConfig,
      ports: { first: 3000, last: 4000 },
      engines: {
        docker: {
          image: 'debian:12',
          network: { mode: 'none' },
          limits: { memoryBytes: 512 * 1024 * 1024, wallTimeMs: 90 * 60_000, cpuCores: 0.5 },
        },
      },
    });
    expect(readConfig('').config).toEqual(defaultConfig);
  });

  it('knows the line of each key and table', () => {
    const read = readConfig(text);
    expect(Object.fromEntries(read.problem ? [] : read.lines)).toEqual({
      ports: 2,
      'ports.first': 3,
      'ports.last': 4,
      engines: 6,
      'engines.docker': 6,
      'engines.docker.image': 7,
      'engines.docker.network': 8,
      'engines.docker.limits': 9,
      'engines.docker.limits.memoryBytes': 9,
      'engines.docker.limits.wallTimeMs': 9,
      'engines.docker.limits.cpuCores': 9,
    });
  });

  it.each([
    ['[ports]\nfirst = \n', 'line 2: Expected value, reached EOF'],
    ['[ports]\nfirst = 1\nfirst = 2', 'line 3: Value already defined for ports.first'],
    ['size = 1', 'line 1, size: there is no such key; expected ports, machine, retention, engines'],
    ['\n[ports]\nfrist = 1', 'line 3, ports.frist: there is no such key; expected first, last'],
    ['[ports]\nlast = 9000\nfirst = 9001', 'line 2, ports.last: must not be below first'],
    ['[ports]\nfirst = "some"', 'line 2, ports.first: must be a whole number'],
    [
      '[machine]\nmemoryBytes = "lots"',
      'line 2, machine.memoryBytes: expected a size, such as 512MiB, or a number of bytes',
    ],
    [
      '[engines.docker]\nlimits.idleTimeMs = "90"',
      'line 2, engines.docker.limits.idleTimeMs: expected a time, such as 90s or 5min, or a number of milliseconds',
    ],
    [
      '[engines.process]\nimage = "debian:12"',
      'line 2, engines.process.image: there is no such key; expected runtime, profile, network, limits, allowBestEffort',
    ],
    ['[engines.docker]\nprofile = "lax"', 'line 2, engines.docker.profile: expected one of trusted, standard, strict'],
    ['__proto__ = 1', 'line 1, __proto__: there is no such key; expected ports, machine, retention, engines'],
    [`[ports]\n${'a.'.repeat(10_000)}a = 1`, 'line 2: Nested too deeply'],
    [`a = ${'['.repeat(50_000)}`, 'line 1: Nested too deeply'],
    ['engines = 1', 'line 1, engines: expected fields with names, not a number'],
    ['[[engines]]', 'line 1, engines: expected fields with names, not a list'],
  ])('names line, key and what was expected: %j', (wrong, problem) => {
    const read = readConfig(wrong);
    expect(read.problem && problemText(read.problem)).toBe(problem);
  });
});

describe('changing', () => {
  it('touches nothing but what is asked for', () => {
    const changed = changeConfig(text, {
      ports: { last: 5000 },
      engines: { docker: { image: null, limits: { memoryBytes: '1GiB' } } },
    });
    expect(changed).toBe(
      text.replace('last = 4000', 'last = 5000').replace('image = "debian:12"\n', '').replace('512MiB', '1GiB'),
    );
  });

  it('makes tables that are not there', () => {
    const made = changeConfig('', { engines: { podman: { limits: { processes: 64 } } }, machine: { sandboxes: 3 } });
    expect(readConfig(made).config).toMatchObject({
      machine: { sandboxes: 3 },
      engines: { podman: { limits: { processes: 64 } } },
    });
    expect(made.startsWith('# ')).toBe(true);
    expect(made.endsWith('\n')).toBe(true);
  });

  it('leaves the comments of a table whose last key goes', () => {
    const commented = '# for docker\n[engines.docker] # d\n# limits\nlimits.memoryBytes = "512MiB"\n# end\n';
    const changed = changeConfig(commented, { engines: { docker: { limits: { memoryBytes: null } } } });
    expect(readConfig(changed).config?.engines.docker?.limits ?? {}).toEqual({});
    for (const comment of ['# for docker', '# d', '# end']) expect(changed).toContain(comment);
  });

  it('takes a network for one value', () => {
    const listed = '[engines.docker]\nnetwork = { mode = "allowlist", hosts = ["a.example"] }\n';
    const changed = changeConfig(listed, { engines: { docker: { network: { mode: 'none' } } } });
    expect(readConfig(changed).config?.engines.docker?.network).toEqual({ mode: 'none' });
    const gone = changeConfig(listed, { engines: { docker: { network: { mode: null } } } });
    expect(readConfig(gone).config?.engines.docker?.network).toBeUndefined();
  });

  it('writes nothing where nothing changes', () => {
    expect(changeConfig(text, { ports: { first: 3000 }, machine: { sandboxes: null } })).toBe(text);
    expect(changeConfig('', { engines: { docker: { image: null } } })).toBe('');
  });

  it.each<[MergePatch, string]>([
    [{ ports: { first: 80 } }, 'ports.first: at least 1024'],
    [{ ports: { first: { below: null } } }, 'first is one value: there is nothing below it'],
    [
      JSON.parse('{"machine":{"__proto__":{"sandboxes":1}}}'),
      expect.stringContaining('__proto__: there is no such key'),
    ],
    [{ ports: { first: 5000 } }, 'ports.last: must not be below first'],
    [{ engines: { docker: { limits: { fuel: 'much' } } } }, 'engines.docker.limits.fuel: expected a number, not text'],
    [
      { engines: { docker: { env: {}, colour: 'red' } } },
      'engines.docker.colour: there is no such key; expected runtime, profile, network, limits, allowBestEffort, image',
    ],
  ])('refuses what the configuration cannot have: %j', (changes, message) => {
    expect(() => changeConfig(text, changes)).toThrow(expect.objectContaining({ code: 'invalid_input', message }));
  });

  it('leaves a file with a mistake to its owner', () => {
    expect(() => changeConfig('x = 1', { ports: { first: 2000 } })).toThrow(
      expect.objectContaining({ code: 'conflict', message: expect.stringContaining('line 1, x:') }),
    );
  });
});
