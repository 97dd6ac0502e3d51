import { CONSOLE_WRITE_MAX } from '../../../shared/contract/console-limits.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { Client } from '../client.ts';

/** Ctrl+P Ctrl+Q, as docker(1) has it. */
const DETACH = '\x10\x11';
/** What full-screen programs switch on and a killed one leaves on: another screen, no cursor, mouse, bracketed paste, colours. */
const CALM = '\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[0m\r\n';

export type Ended = { readonly type: 'exited'; readonly exit: Exit } | { readonly type: 'detached' };

/** Before anything is opened on it. */
export function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new AppError('invalid_input', 'There is no terminal here', { hint: 'Leave -t out, or use a terminal.' });
}

/**
 * Ties this terminal to a console of the host until its program ends, or until Ctrl+P Ctrl+Q where `mayDetach`. Every
 * key goes to the program, Ctrl+C too. The terminal is as it was afterwards, also when the host died.
 */
export async function tieTerminal(client: Client, id: string, mayDetach: boolean): Promise<Ended> {
  const { stdin, stdout } = process;
  const size = () => ({ id, cols: stdout.columns || 80, rows: stdout.rows || 24 });
  const detached = new AbortController();
  let sending = Promise.resolve();
  let held = '';
  // What cannot be sent is told by the stream, which ends too.
  const send = (data: string) => {
    for (let at = 0; at < data.length; at += CONSOLE_WRITE_MAX) {
      const piece = data.slice(at, at + CONSOLE_WRITE_MAX);
      sending = sending.then(() => client.consoles.write({ id, data: piece })).then(ignore, ignore);
    }
  };
  const onData = (chunk: string) => {
    if (!mayDetach) return send(chunk);
    const text = held + chunk;
    const at = text.indexOf(DETACH);
    held = '';
    if (at >= 0) {
      send(text.slice(0, at));
      detached.abort();
      return;
    }
    if (text.endsWith(DETACH[0] ?? '')) held = DETACH[0] ?? '';
    send(text.slice(0, text.length - held.length));
  };
  const onResize = () => void client.consoles.resize(size()).catch(ignore);

  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', onData);
  stdout.on('resize', onResize);
  let calm = false;
  try {
    await client.consoles.resize(size());
    return await show(client, id, detached.signal);
  } catch (error) {
    calm = true;
    throw error;
  } finally {
    stdin.off('data', onData);
    stdout.off('resize', onResize);
    stdin.setRawMode(false);
    stdin.pause();
    if (calm) stdout.write(CALM);
    await sending;
  }
}

const ignore = () => undefined;

async function show(client: Client, id: string, detached: AbortSignal): Promise<Ended> {
  let attachment = '';
  try {
    for await (const item of await client.consoles.attach({ id }, { signal: detached })) {
      if (item.type === 'exited') return { type: 'exited', exit: item.exit };
      if (item.type === 'attached') {
        attachment = item.attachment;
        await write(item.replay);
      } else if (item.type === 'output') {
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

/** Resolves when the terminal has taken it. */
export function write(data: string | Uint8Array, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  return new Promise((resolve) => {
    if (stream.write(data)) resolve();
    else stream.once('drain', resolve);
  });
}
