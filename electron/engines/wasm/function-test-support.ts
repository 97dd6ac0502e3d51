import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { FunctionInstance, FunctionRequest, FunctionStore, Invocation } from '../engine.ts';
import { createWasmEngine } from './wasm-engine.ts';

export const SLOW = 120_000;
export const MIB = 1024 * 1024;
export const never = new AbortController().signal;

/** A real engine's functions; what a test opens is closed after it. */
export function withFunctions() {
  let home = '';
  let functions: FunctionStore | undefined;
  const opened: FunctionInstance[] = [];
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'terrarium-functions-'));
    ({ functions } = createWasmEngine({ owner: 'test', home }));
  });
  afterEach(async () => {
    for (const instance of opened.splice(0)) await instance.close();
  });
  afterAll(() => rm(home, { recursive: true, force: true }));
  return {
    home: () => home,
    async open(
      code: string,
      options: Partial<FunctionRequest> = {},
      signal: AbortSignal = never,
    ): Promise<FunctionInstance> {
      if (!functions) throw new Error('the engine has no functions');
      const source = { type: 'text', text: code } as const;
      const instance = await functions.open(
        { source, handler: 'handler', env: {}, limits: {}, keepState: false, ...options },
        signal,
      );
      opened.push(instance);
      return instance;
    },
  };
}

export const ask = (instance: FunctionInstance, payload: unknown = null): Promise<Invocation> =>
  instance.invoke(JSON.stringify(payload), never);

/** What it returned, or what it ended with instead. */
export const resultOf = ({ outcome }: Invocation): unknown =>
  outcome.type === 'returned' ? JSON.parse(outcome.result) : outcome;

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const statOf = (pid: number | string) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];

export const residentBytes = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;

export const cpuTicks = (pid: number): number => Number(statOf(pid)[11]);

/** How many processes this one has started and not seen the end of. */
export const children = (): number =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return statOf(name)[1] === String(process.pid);
    } catch {
      return false; // gone meanwhile
    }
  }).length;
