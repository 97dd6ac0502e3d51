import { createInput } from '../../../shared/contract/console-input.ts';
import { CONSOLE_WRITE_MAX } from '../../../shared/contract/console-limits.ts';
import { CONSOLE_REPLAY } from '../../../shared/contract/consoles.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { Client } from '../client/connection.ts';
import { createTerminalModes, type TerminalModes } from './terminal-modes.ts';

/** Ctrl+P Ctrl+Q, as docker(1) has it. */
const DETACH = '\x10\x11';

export type Ended = { readonly type: 'exited'; readonly exit: Exit } | { readonly type: 'detached' };

/** Before anything is opened on it. */
export function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new AppError('invalid_input', 'There is no terminal here', { hint: 'Leave -t out, or use a terminal.' });
}

/**
 * Ties this terminal to a console of the host until its program ends, the signal is aborted, or Ctrl+P Ctrl+Q where
 * `mayDetach`. Every key goes to the program, Ctrl+C too. The terminal is as it was afterwards, also when the host died.
 */
export async function tieTerminal(
  client: Client,
  id: string,
  { mayDetach, signal }: { readonly mayDetach: boolean; readonly signal: AbortSignal },
): Promise<Ended> {
  const { stdin, stdout } = process;
  const size = () => ({ id, cols: stdout.columns || 80, rows: stdout.rows || 24 });
  const detached = new AbortController();
  // What cannot be sent is told by the stream, which ends too.
  const input = createInput((data) => client.consoles.write({ id, data }), CONSOLE_WRITE_MAX, ignore);
  let held = '';
  const onData = (chunk: string) => {
    if (!mayDetach) return input.push(chunk);
    const text = held + chunk;
    const at = text.indexOf(DETACH);
    held = '';
    if (at >= 0) {
      input.push(text.slice(0, at));
      detached.abort();
      return;
    }
    if (text.endsWith(DETACH[0] ?? '')) held = DETACH[0] ?? '';
    input.push(text.slice(0, text.length - held.length));
  };
  const onResize = () => void client.consoles.resize(size()).catch(ignore);

  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', onData);
  stdout.on('resize', onResize);
  const modes = createTerminalModes();
  let exited = false;
  // One that ended by itself may have been killed, or just not undo what it did.
  const calm = () => void stdout.write(`${modes.undo()}${exited ? '' : '\r\n'}`);
  // Also when this program is ended at once; its keys are the system's to set back then.
  process.once('exit', calm);
  try {
    await client.consoles.resize(size());
    const ended = await show(client, id, AbortSignal.any([detached.signal, signal]), modes);
    exited = ended.type === 'exited';
    return ended;
  } finally {
    process.off('exit', calm);
    stdin.off('data', onData);
    stdout.off('resize', onResize);
    stdin.setRawMode(false);
    stdin.pause();
    calm();
  }
}

const ignore = () => undefined;

/** What asks the terminal something: its answers to what was asked long ago would be typed into the program. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin what is looked for.
const QUESTIONS = /\x1b\[[>=?]?[\d;]*[cnx]|\x1b\[\??[\d;]*\$p|\x1b\[>[\d;]*q|\x1b\]\d+(?:;\d+)?;\?(?:\x07|\x1b\\)/g;

async function show(client: Client, id: string, detached: AbortSignal, modes: TerminalModes): Promise<Ended> {
  let attachment = '';
  try {
    for await (const item of await client.consoles.attach({ id }, { signal: detached })) {
      if (item.type === 'exited') return { type: 'exited', exit: item.exit };
      if (item.type === 'attached') {
        attachment = item.attachment;
        // What came before it may have changed anything.
        if (item.replay.length >= CONSOLE_REPLAY) modes.forget();
        modes.see(item.replay);
        await write(item.replay.replace(QUESTIONS, ''));
      } else if (item.type === 'output') {
        modes.see(item.data);
        await write(item.data);
        await client.consoles.acknowledge({ id, attachment, characters: item.data.length });
      }
    }
  } catch (error) {
    if (detached.aborted) return { type: 'detached' };
    throw error;
  }
  if (detached.aborted) return { type: 'detached' };
  throw new AppError('disconnected', 'The connection to Terrarium’s host was lost');
}

/** Resolves when it was taken, or never will be: then the stream's own error is heard of elsewhere. */
export function write(data: string | Uint8Array, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  return new Promise((resolve) => {
    stream.write(data, () => resolve());
  });
}
