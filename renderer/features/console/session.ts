import { createInput } from '../../../shared/contract/console-input.ts';
import { CONSOLE_WRITE_MAX } from '../../../shared/contract/console-limits.ts';
import type { Console, ConsoleItem } from '../../../shared/contract/consoles.ts';
import { isAppError } from '../../../shared/model/app-error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { Page } from '../../stores/page.ts';
import { type Acknowledger, createAcknowledger } from './acknowledger.ts';
import { createReplays } from './replay.ts';
import type { TerminalView } from './terminal.ts';
import { createWriter } from './writer.ts';

const RESIZE_DELAY_MS = 60;

type Needs = Pick<Page, 'connection' | 'consoles' | 'toasts' | 'strings'>;

function exitText({ code, signal }: Exit): string {
  if (code !== null) return `[process exited with code ${code}]`;
  return signal === null ? '[process exited]' : `[process ended by ${signal}]`;
}

/** Connects one console of the host with one terminal of the page, over lost connections too. Returns how to end it. */
export function startSession(page: Needs, console: Console, view: TerminalView): () => void {
  const { connection, consoles, toasts } = page;
  const { client } = connection;
  const { id } = console;
  const { terminal } = view;
  const ending = new AbortController();
  let acknowledger: Acknowledger | undefined;
  const replays = createReplays(terminal);
  const writer = createWriter(terminal);
  let hostSize = { cols: console.cols, rows: console.rows };
  let resizeTimer: ReturnType<typeof setTimeout> | undefined;

  /** What came while the connection is away must not be lost, so input waits for it. */
  function connected(): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (connection.state.getState().status !== 'connected' && !ending.signal.aborted) return;
        unsubscribe();
        ending.signal.removeEventListener('abort', check);
        resolve();
      };
      const unsubscribe = connection.state.subscribe(check);
      ending.signal.addEventListener('abort', check);
      check();
    });
  }

  const input = createInput(
    async (data) => {
      await connected();
      return client.consoles.write({ id, data });
    },
    CONSOLE_WRITE_MAX,
    (error) => {
      // The banner tells of a lost connection, the terminal of a program that has ended.
      if (isAppError(error, 'disconnected') || isAppError(error, 'not_found') || isAppError(error, 'conflict')) return;
      toasts.error(error);
    },
  );

  function sendSize(): void {
    const { cols, rows } = terminal;
    if (!view.isShown() || (cols === hostSize.cols && rows === hostSize.rows)) return;
    hostSize = { cols, rows };
    // The program may have ended meanwhile; a size that does not arrive is sent again after attaching.
    client.consoles.resize({ id, cols, rows }).catch(() => undefined);
  }

  function onItem(item: ConsoleItem): void {
    // All else comes after the output before it.
    if (item.type !== 'output') writer.flush();
    switch (item.type) {
      case 'attached': {
        const { attachment, replay } = item;
        hostSize = { cols: item.console.cols, rows: item.console.rows };
        acknowledger?.dispose();
        acknowledger = createAcknowledger((characters) => {
          // A lost connection attaches anew and counts anew.
          client.consoles.acknowledge({ id, attachment, characters }).catch(() => undefined);
        });
        terminal.resize(hostSize.cols, hostSize.rows);
        replays.write(attachment, replay, () => {
          if (!view.isShown()) return;
          view.fit();
          sendSize();
        });
        return;
      }
      case 'output': {
        const current = acknowledger;
        writer.write(item.data, (characters) => current?.drawn(characters));
        return;
      }
      case 'resized':
        hostSize = { cols: item.cols, rows: item.rows };
        terminal.resize(item.cols, item.rows);
        return;
      case 'exited':
        terminal.write(`\x1b[0m\r\n\x1b[2m${exitText(item.exit)}\x1b[0m\r\n`);
        terminal.options.cursorBlink = false;
        consoles.exited(id, item.exit);
    }
  }

  const listeners = [
    terminal.onData((data) => {
      // Answers to what it is shown again were sent when that was new.
      if (!replays.isReading()) input.push(data);
    }),
    terminal.onResize(() => {
      clearTimeout(resizeTimer);
      resizeTimer = setTimeout(sendSize, RESIZE_DELAY_MS);
    }),
  ];
  connection
    .subscribe({
      open: (streamClient, signal) => streamClient.consoles.attach({ id }, { signal }),
      onItem,
      signal: ending.signal,
      endless: false,
    })
    .catch((error) => {
      if (isAppError(error, 'not_found')) consoles.forget(id);
      else toasts.error(error);
    });

  return () => {
    ending.abort();
    clearTimeout(resizeTimer);
    acknowledger?.dispose();
    writer.dispose();
    for (const listener of listeners) listener.dispose();
  };
}
