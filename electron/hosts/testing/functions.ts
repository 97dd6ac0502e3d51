import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { FUNCTION_LABEL, type FunctionSettings, type FunctionSpecInput } from '../../../shared/model/function.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { hostForTests, type TestHost } from './host-for-tests.ts';
import type { HostProcess } from './host-process.ts';
import { waitFor } from './wait-for.ts';

export interface FunctionsBench extends TestHost {
  /** A folder that handlers on processes write to (`FOLDER`), so that what happens inside is seen from outside. */
  folder: string;
  readonly javascript: (text: string, more?: Partial<FunctionSpecInput>) => FunctionSpecInput;
  readonly create: (spec: FunctionSpecInput, settings?: Partial<FunctionSettings>) => Promise<string>;
  readonly invoke: (
    id: string,
    payload?: unknown,
    version?: number,
  ) => ReturnType<HostProcess['client']['functions']['invoke']>;
  /** Sandboxes that are instances. */
  readonly sandboxes: () => Promise<readonly Sandbox[]>;
  /** What they have on the disk. */
  readonly leftOnDisk: () => Promise<readonly string[]>;
  /** Lets those in `gated` go on. */
  readonly openGate: () => Promise<void>;
  /** Who came into `gated`, in order. */
  readonly order: () => Promise<string>;
  readonly isInside: (name: string) => Promise<boolean>;
}

/** Writes its payload down, a letter, and waits until the gate is open. */
export const gated = `import fs from 'node:fs';
export async function handler(name) {
  fs.appendFileSync(process.env.FOLDER + '/order', name);
  while (!fs.existsSync(process.env.FOLDER + '/open')) await new Promise((resolve) => setTimeout(resolve, 10));
  return name;
}`;

/** A host for a file's tests, without functions at the beginning of each. */
export function withFunctions(engine: FunctionSpecInput['engine']): FunctionsBench {
  let count = 0;
  const { home, host } = hostForTests();
  const bench: FunctionsBench = {
    home,
    host,
    folder: '',
    javascript: (text, more = {}) => ({
      engine,
      env: { FOLDER: bench.folder },
      code: { type: 'javascript', text },
      ...more,
    }),
    async create(spec, settings = {}) {
      count += 1;
      return (await host.client.functions.create({ name: `f${count}`, spec, settings })).id;
    },
    invoke: (id, payload = null, version) =>
      host.client.functions.invoke({
        id,
        payload: JSON.stringify(payload),
        ...(version === undefined ? {} : { version }),
      }),
    sandboxes: async () =>
      (await host.client.sandboxes.list({})).filter(({ spec }) => spec?.labels[FUNCTION_LABEL] !== undefined),
    leftOnDisk: async () => (await readdir(join(bench.home.path, 'sandboxes'))).sort(),
    openGate: () => writeFile(join(bench.folder, 'open'), ''),
    order: () => readFile(join(bench.folder, 'order'), 'utf8'),
    isInside: (name) =>
      waitFor(`${name} inside`, async () => (await bench.order().catch(() => '')).includes(name) || undefined),
  };

  beforeEach(async () => {
    bench.folder = await mkdtemp(join(tmpdir(), 'terrarium-functions-'));
  });
  afterEach(async () => {
    const { functions } = host.client;
    for (const { id } of await functions.list({})) await functions.delete({ id });
    await rm(bench.folder, { recursive: true });
  });
  return bench;
}
