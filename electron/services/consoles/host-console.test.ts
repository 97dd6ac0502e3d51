import { expect, test, vi } from 'vitest';
import { CONSOLE_REPLAY, CONSOLE_WINDOW, type ConsoleItem } from '../../../shared/contract/consoles.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { EngineConsole } from '../../engines/engine.ts';
import { createHostConsole } from './host-console.ts';

/** Stands in for a terminal where its timing must be under the test's control. */
function fakeTerminal() {
  const ended = Promise.withResolvers<Exit>();
  let listener: (chunk: Uint8Array) => void = () => undefined;
  const terminal: EngineConsole = {
    title: 'sh',
    onOutput: (given) => {
      listener = given;
    },
    write: vi.fn(),
    resize: vi.fn(async () => undefined),
    pause: vi.fn(),
    resume: vi.fn(),
    kill: vi.fn(async () => ended.resolve({ code: null, signal: 'SIGKILL' })),
    exited: ended.promise,
  };
  return { terminal, output: (text: string | Uint8Array) => listener(Buffer.from(text)), exit: ended.resolve };
}

const SANDBOX = 'sbx_0123456789abcdefghij';
const open = (terminal: EngineConsole) => createHostConsole(SANDBOX, { cols: 80, rows: 24 }, terminal);

async function next(stream: AsyncIterator<ConsoleItem, undefined>): Promise<ConsoleItem> {
  const { value } = await stream.next();
  if (!value) throw new Error('the stream has ended');
  return value;
}

test('whoever attaches later gets what was drawn before', async () => {
  const { terminal, output } = fakeTerminal();
  const console = open(terminal);
  output('$ echo 42\r\n42\r\n');
  expect(await next(console.attach())).toMatchObject({ type: 'attached', replay: '$ echo 42\r\n42\r\n' });
});

test('a character that was cut in two arrives whole', async () => {
  const { terminal, output } = fakeTerminal();
  const stream = open(terminal).attach();
  await next(stream);
  const euro = Buffer.from('€');
  output(euro.subarray(0, 1));
  output(euro.subarray(1));
  expect(await next(stream)).toEqual({ type: 'output', data: '€' });
});

test('the terminal is paused when too much is on its way, and goes on when the page has drawn it', async () => {
  const { terminal, output } = fakeTerminal();
  const console = open(terminal);
  const stream = console.attach();
  const attached = await next(stream);
  if (attached.type !== 'attached') throw new Error('the first item is `attached`');
  output('x'.repeat(CONSOLE_WINDOW + 1));
  await next(stream);
  expect(terminal.pause).toHaveBeenCalledTimes(1);
  console.acknowledge(attached.attachment, CONSOLE_WINDOW);
  expect(terminal.resume).toHaveBeenCalledTimes(1);
});

test('a reader that goes away does not leave the terminal paused', async () => {
  const { terminal, output } = fakeTerminal();
  const stream = open(terminal).attach();
  await next(stream);
  output('x'.repeat(CONSOLE_WINDOW + 1));
  await next(stream);
  await stream.return();
  expect(terminal.resume).toHaveBeenCalledTimes(1);
});

test('without a reader nothing is paused: output goes to the replay only', async () => {
  const { terminal, output } = fakeTerminal();
  const console = open(terminal);
  output('x'.repeat(3 * CONSOLE_WINDOW));
  const first = await next(console.attach());
  expect(first.type === 'attached' && first.replay.length).toBe(CONSOLE_REPLAY);
  expect(terminal.pause).not.toHaveBeenCalled();
});

test('the exit comes after the last output, and to those who attach later too', async () => {
  const { terminal, output, exit } = fakeTerminal();
  const console = open(terminal);
  const stream = console.attach();
  await next(stream);
  output('bye');
  exit({ code: 3, signal: null });
  expect(await next(stream)).toEqual({ type: 'output', data: 'bye' });
  expect(await next(stream)).toEqual({ type: 'exited', exit: { code: 3, signal: null } });
  expect((await stream.next()).done).toBe(true);

  const later = console.attach();
  expect(await next(later)).toMatchObject({ type: 'attached', replay: 'bye' });
  expect(await next(later)).toEqual({ type: 'exited', exit: { code: 3, signal: null } });
});

test('input after the exit is dropped instead of reaching a terminal that is gone', async () => {
  const { terminal, exit } = fakeTerminal();
  const console = open(terminal);
  exit({ code: 0, signal: null });
  await vi.waitFor(() => expect(console.info().exit).not.toBeNull());
  console.write('echo');
  await console.resize(10, 10);
  expect(terminal.write).not.toHaveBeenCalled();
  expect(terminal.resize).not.toHaveBeenCalled();
});
