import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descriptors, innerScript, outerScript, quote } from './scripts.ts';

const nasty = ["it's", '$(touch evil)', '`id`', 'a\nb', '"; exit 9; "', '\\', '', 'grüße 🌱'];

describe('scripts', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'terrarium scripts '));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(nasty)('quote whatever it is: %j', (text) => {
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' })).toBe(text);
  });

  it('hand descriptors in, and close them before the program', () => {
    const script = join(folder, "the program's");
    const late = join(folder, 'late');
    const early = join(folder, 'early');
    writeFileSync(script, innerScript({ env: { A: "it's" }, late: [descriptors.memory], first: false, waits: false }));
    const outer = outerScript(
      [early],
      [
        { descriptor: descriptors.script, path: script, mode: 'read' },
        { descriptor: descriptors.memory, path: late, mode: 'write' },
      ],
    );
    const program = ['/bin/sh', '-c', 'echo "$A $1"; ls /proc/self/fd | wc -l', 'sh', 'two words'];
    const argv = ['-c', outer, 'outer', '/bin/sh', `/proc/self/fd/${descriptors.script}`, ...program];
    const { stdout } = spawnSync('/bin/sh', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    const [said, open] = stdout.trim().split('\n');
    expect(said).toBe("it's two words");
    expect([readFileSync(early, 'utf8'), readFileSync(late, 'utf8')]).toEqual(['0\n', '0\n']);
    // 0, 1, 2 and the folder that is listed, and what the shell keeps of the script where it does.
    expect(Number(open)).toBeLessThanOrEqual(5);
  });

  it('do not start a program that could not be counted', () => {
    const outer = outerScript([join(folder, 'missing/cgroup.procs')], []);
    const { status, stdout } = spawnSync('/bin/sh', ['-c', outer, 'outer', 'echo', 'started'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  });

  it('make PID 1 wait for its network, outlive a TERM that is meant for the program, and end as it does', () => {
    const [gate, ready, script] = [join(folder, 'gate'), join(folder, 'ready'), join(folder, 'first')];
    writeFileSync(gate, 'go\n');
    writeFileSync(script, innerScript({ env: {}, late: [], first: true, waits: true }));
    const outer = outerScript(
      [],
      [
        { descriptor: descriptors.gate, path: gate, mode: 'read' },
        { descriptor: descriptors.ready, path: ready, mode: 'write' },
      ],
    );
    const program = ['/bin/sh', '-c', 'kill -TERM $PPID; exit 6'];
    const { status } = spawnSync('/bin/sh', ['-c', outer, 'outer', '/bin/sh', script, ...program]);
    expect(status).toBe(6);
    expect(readFileSync(ready, 'utf8')).toBe('up\n');
  });
});
