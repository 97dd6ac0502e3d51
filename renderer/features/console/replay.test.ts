// @vitest-environment happy-dom
import { Terminal } from '@xterm/xterm';
import { expect, it } from 'vitest';
import { createReplays } from './replay.ts';

const QUERY = '\x1b[6n';

function setUp() {
  const terminal = new Terminal({ cols: 20, rows: 5, allowProposedApi: true });
  const replays = createReplays(terminal);
  const sent: string[] = [];
  terminal.onData((data) => {
    if (!replays.isReading()) sent.push(data);
  });
  const write = (data: string) => new Promise<void>((resolve) => terminal.write(data, resolve));
  const replay = (data: string) => new Promise<void>((resolve) => replays.write('att_1', data, resolve));
  const firstLine = () => terminal.buffer.active.getLine(0)?.translateToString(true);
  return { terminal, sent, write, replay, firstLine };
}

it('answers nothing that was asked before, and loses no key that is typed meanwhile', async () => {
  const { terminal, sent, write, replay } = setUp();
  const read = replay(`prompt$ ${QUERY}`);
  terminal.input('ty');
  terminal.input('ped');
  await read;
  await write(QUERY);
  expect(sent).toEqual(['ty', 'ped', '\x1b[1;9R']);
});

it('answers what was asked before the replay came, and shows the replay alone', async () => {
  const { sent, write, replay, firstLine } = setUp();
  void write(`old text${QUERY}\x1b]0;not end`);
  await replay('new text');
  expect(sent).toEqual(['\x1b[1;9R']);
  expect(firstLine()).toBe('new text');
});

it('takes no mark of a program for its own', async () => {
  const { sent, write, replay } = setUp();
  const forged = write(`\x1b]7331001;guess\x07${QUERY}`);
  await replay('');
  await forged;
  expect(sent).toEqual(['\x1b[1;1R']);
});

it('reads a replay of a megabyte in one go', async () => {
  const { terminal, sent, replay } = setUp();
  setTimeout(() => terminal.input('key'));
  await replay(`${'x'.repeat(1024)}${QUERY}\r\n`.repeat(1024));
  expect(sent).toEqual(['key']);
});
