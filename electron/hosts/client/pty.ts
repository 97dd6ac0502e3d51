import { createInput } from '../../../shared/contract/console-input.ts';
import { CONSOLE_WRITE_MAX } from '../../../shared/contract/console-limits.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { Client } from './connection.ts';

export interface PtyOptions {
  /** A shell when missing. */
  readonly command?: readonly string[];
  readonly cols?: number;
  readonly rows?: number;
  /** What the terminal is to draw; the next piece waits for what it returns. */
  readonly onData: (text: string) => void | Promise<void>;
}

/** A terminal in a sandbox, which the window shows as a console. */
export interface Pty {
  readonly id: string;
  /** Keys, in order. */
  readonly write: (text: string) => void;
  readonly resize: (cols: number, rows: number) => Promise<void>;
  /** How its program ended. Throws AppError when the connection was lost: the terminal is still there then. */
  readonly exited: Promise<Exit>;
  /** Ends the program and all that it started. */
  readonly kill: () => Promise<void>;
}

export interface Ptys {
  readonly open: (options: PtyOptions) => Promise<Pty>;
}

export function createPtys(client: Client, sandboxId: string): Ptys {
  return {
    async open({ command, cols = 80, rows = 24, onData }) {
      const { id } = await client.consoles.open({
        sandboxId,
        cols,
        rows,
        ...(command ? { command: [...command] } : {}),
      });
      const items = await client.consoles.attach({ id });
      // What cannot be sent is told by the stream, which ends too.
      const input = createInput(
        (data) => client.consoles.write({ id, data }),
        CONSOLE_WRITE_MAX,
        () => undefined,
      );
      const exited = show(client, id, items, onData);
      // Told to who waits for it.
      exited.catch(() => undefined);
      return {
        id,
        write: (text) => input.push(text),
        async resize(newCols, newRows) {
          await client.consoles.resize({ id, cols: newCols, rows: newRows });
        },
        exited,
        async kill() {
          await client.consoles.close({ id });
        },
      };
    },
  };
}

type Items = Awaited<ReturnType<Client['consoles']['attach']>>;

async function show(client: Client, id: string, items: Items, onData: PtyOptions['onData']): Promise<Exit> {
  let attachment = '';
  for await (const item of items) {
    if (item.type === 'exited') return item.exit;
    if (item.type === 'attached') {
      attachment = item.attachment;
      if (item.replay !== '') await onData(item.replay);
    } else if (item.type === 'output') {
      await onData(item.data);
      await client.consoles.acknowledge({ id, attachment, characters: item.data.length });
    }
  }
  // Closed, by `kill` or in the window.
  return { code: null, signal: null };
}
