import type { HostProcess } from '../electron/hosts/testing/host-process.ts';
import type { FunctionSpecInput } from '../shared/model/function.ts';
import type { Benchmark, Outcomes } from './benchmark.ts';
import { withHost } from './host.ts';
import { byTurns, timed } from './measure.ts';

const ROUNDS = 9;
/** Of one call after another, in a round. */
const IN_A_ROW = 50;
/** Of calls by several callers, in a round. */
const AT_ONCE = { wasm: 1000, process: 16 } as const;
const CALLERS = 8;
const INSTANCES = 2;

const text = 'export const handler = ({ a, b }) => a + b;';
const payload = '{"a":1,"b":2}';

async function makeFunction(host: HostProcess, engine: FunctionSpecInput['engine'], maxConcurrency: number) {
  const { id } = await host.client.functions.create({
    name: `${engine}-${maxConcurrency}`,
    spec: { engine, code: { type: 'javascript', text } },
    settings: { maxConcurrency, idleTimeMs: 600_000 },
  });
  const invoke = async () => {
    const { result, outcome } = await host.client.functions.invoke({ id, payload });
    if (result !== '3') throw new Error(`the function gave ${result} (${outcome.type})`);
  };
  return { id, invoke };
}

/** Milliseconds of one, of several in a row. */
async function inARow(invoke: () => Promise<void>, count: number): Promise<number> {
  const whole = await timed(async () => {
    for (let done = 0; done < count; done += 1) await invoke();
  });
  return whole / count;
}

async function perSecond(invoke: () => Promise<void>, count: number): Promise<number> {
  let left = count;
  const caller = async () => {
    for (; left > 0; ) {
      left -= 1;
      await invoke();
    }
  };
  const ms = await timed(() => Promise.all(Array.from({ length: CALLERS }, caller)));
  return (count / ms) * 1000;
}

export const functions: Benchmark = {
  figures: ['functionWarmMs', 'functionsPerSecond', 'functionColdMs', 'functionProcessMs', 'functionsProcessPerSecond'],
  needsBrowser: false,
  run: ({ signal }) =>
    withHost(async (host): Promise<Outcomes> => {
      const one = await makeFunction(host, 'wasm', 1);
      const several = await makeFunction(host, 'wasm', INSTANCES);
      const cold = async () => {
        const { id } = await host.client.functions.create({
          name: 'cold',
          spec: { engine: 'wasm', code: { type: 'javascript', text } },
        });
        const ms = await timed(() => host.client.functions.invoke({ id, payload }));
        await host.client.functions.delete({ id });
        return ms;
      };
      const warm = await byTurns(ROUNDS, signal, {
        functionWarmMs: () => inARow(one.invoke, IN_A_ROW),
        functionsPerSecond: () => perSecond(several.invoke, AT_ONCE.wasm),
        functionColdMs: cold,
      });
      const { total } = await host.client.functions.statistics({ id: one.id });
      // Not by turns with those: what comes after an invocation, a sandbox that goes and one that is made, would be in their time.
      const oneProcess = await makeFunction(host, 'process', 1);
      const severalProcesses = await makeFunction(host, 'process', INSTANCES);
      const processes = await byTurns(ROUNDS, signal, {
        functionProcessMs: () => timed(oneProcess.invoke),
        functionsProcessPerSecond: () => perSecond(severalProcesses.invoke, AT_ONCE.process),
      });
      const samples = { ...warm, ...processes };
      const how = `${CALLERS} callers, ${INSTANCES} instances`;
      return {
        functionWarmMs: {
          samples: samples.functionWarmMs,
          notes: { how: `${IN_A_ROW} in a row`, inTheHostMs: total?.p50 ?? Number.NaN },
        },
        functionsPerSecond: { samples: samples.functionsPerSecond, notes: { how } },
        functionColdMs: { samples: samples.functionColdMs },
        functionProcessMs: {
          samples: samples.functionProcessMs,
          notes: { how: 'a sandbox for each, the next made ahead' },
        },
        functionsProcessPerSecond: { samples: samples.functionsProcessPerSecond, notes: { how } },
      };
    }),
};
