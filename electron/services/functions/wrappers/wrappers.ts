import { z } from 'zod';
import { type FunctionSpec, RESULT_MAX } from '../../../../shared/model/function.ts';
import { javascriptWrapper } from './javascript.ts';
import { pythonWrapper } from './python.ts';

/** How code is run by a command of its own for each invocation. */
export interface Wrapped {
  readonly argv: readonly string[];
  /** Null where there is no wrapper: the whole standard output is the result. */
  readonly marker: string | null;
  readonly stdin: (payload: string) => Uint8Array;
}

/** What a wrapper says of the handler, besides the result itself. */
export const envelopeSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('loaded') }),
    z.object({ type: z.literal('returned') }),
    z.object({ type: z.literal('tooLarge') }),
    z.object({
      type: z.literal('threw'),
      name: z.string(),
      message: z.string(),
      stack: z.string(),
      line: z.int().nullable(),
    }),
  ])
  .and(z.object({ cpuMs: z.number().nullable(), peakMemoryBytes: z.number().nullable() }));
export type Envelope = z.infer<typeof envelopeSchema>;

const programs = {
  // Modules are made from text, which Node has behind a flag.
  javascript: ['node', '--experimental-vm-modules', '--no-warnings', '-e', javascriptWrapper],
  python: ['python3', '-B', '-u', '-c', pythonWrapper],
} as const;

/** `check` only loads the code. `marker` is new for each run: what the function itself writes cannot be taken for it. */
export function wrap({ code, env }: FunctionSpec, marker: string, check: boolean): Wrapped {
  if (code.type === 'command') {
    return { argv: code.command, marker: null, stdin: (payload) => Buffer.from(payload) };
  }
  if (code.type === 'module') throw new Error('a module is run by an engine that knows modules');
  const { type, text, handler } = code;
  const head = JSON.stringify({ marker, code: text, handler, env, check, most: RESULT_MAX });
  return { argv: programs[type], marker, stdin: (payload) => Buffer.from(`${head}\n${payload}`) };
}
