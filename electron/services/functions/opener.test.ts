import pino from 'pino';
import { expect, it } from 'vitest';
import { functionSpecInputSchema } from '../../../shared/model/function.ts';
import type { FunctionStore } from '../../engines/engine.ts';
import { createOpener } from './opener.ts';

/** Code that never comes to its end, in the place of an engine that keeps code loaded. */
const endless: FunctionStore = {
  open: (_, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
};
type Options = Parameters<typeof createOpener>[0];
const open = createOpener({
  engines: { available: () => ({ engine: { functions: endless } }) } as unknown as Options['engines'],
  sandboxes: {} as Options['sandboxes'],
  registry: {} as Options['registry'],
  run: 'run',
  ending: new AbortController().signal,
  log: pino({ level: 'silent' }),
  loadTimeoutMs: 5,
});
const spec = functionSpecInputSchema.parse({ engine: 'wasm', code: { type: 'javascript', text: 'while (true);' } });
const request = { functionId: '', name: 'endless', spec, keepState: false, modulePath: '', check: true };

it('gives up code that does not come to its end while it is loaded to be checked', async () => {
  await expect(open(request, new AbortController().signal)).rejects.toMatchObject({
    code: 'invalid_input',
    message: 'The code was not loaded within 0.005 s',
    details: { field: 'spec.code' },
  });
});

it('tells of a cancelled check as that', async () => {
  const cancel = new AbortController();
  const opening = open(request, cancel.signal);
  cancel.abort(new Error('cancelled'));
  await expect(opening).rejects.toThrow('cancelled');
});
