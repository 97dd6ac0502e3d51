import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionSpecInput } from '../../shared/model/function.ts';
import { type HostProcess, makeHome, startHost } from './testing/host-process.ts';

let home: Awaited<ReturnType<typeof makeHome>>;
let host: HostProcess;

beforeAll(async () => {
  home = await makeHome();
  host = await startHost(home.path);
});
afterAll(async () => {
  await host?.stop();
  await home.remove();
});

const javascript = (text: string, engine: FunctionSpecInput['engine'] = 'process'): FunctionSpecInput => ({
  engine,
  code: { type: 'javascript', text },
});

describe('on processes', () => {
  test('a payload comes in, and a result, logs and figures come out', async () => {
    const { id, version } = await host.client.functions.create({
      name: 'sum',
      spec: javascript(
        'export function handler({ a, b }) { console.log("adding"); console.error("hm"); return a + b; }',
      ),
    });
    expect(version).toBe(1);
    const answer = await host.client.functions.invoke({ id, payload: '{"a":1,"b":2}' });
    expect(answer).toMatchObject({ outcome: { type: 'returned' }, result: '3', cold: true, version: 1 });
    expect(answer.logs).toEqual(
      expect.arrayContaining([
        { stream: 'stdout', text: 'adding\n' },
        { stream: 'stderr', text: 'hm\n' },
      ]),
    );
    expect(answer.durationMs).toBeGreaterThan(0);
    expect(answer.cpuMs).toBeGreaterThan(0);
    expect(answer.peakMemoryBytes).toBeGreaterThan(1e6);
  });
});
