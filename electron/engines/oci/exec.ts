import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { ExecIo, ExecRequest } from '../engine.ts';
import type { OciClient } from './client.ts';
import { createDemuxer, type Piece } from './demux.ts';
import { toAppError } from './errors.ts';
import { giveInput, isEmpty } from './exec-input.ts';
import type { ExecMarker } from './exec-kill.ts';
import { type ExecSession, mayBeFailure, notStarted, startExec } from './exec-session.ts';
import { controlExec } from './exec-signal.ts';

const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 500;
/** Quiet for so long after the command's end, all of its own output has come. */
const QUIET_MS = 100;
/** More than this is no message of the runtime's; a program that begins in its words is heard from here on. */
const MOST_HELD = 8192;
/** As much of the output as tells whether it begins like a message of the runtime's. */
const LONGEST_BEGINNING = 64;
/** How long an engine may take to note that a command is over whose connection it has closed. */
const OVER_MS = 1000;

/** Runs one command to its end (see `Engine.exec`). */
export async function runExec(
  client: OciClient,
  ref: string,
  marker: ExecMarker,
  { argv, env, workdir, stdin }: ExecRequest,
  { signal, onOutput, onStarted }: ExecIo,
): Promise<Exit> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined); // nobody may be racing with it any more
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let session: ExecSession | undefined;
  try {
    session = await startExec(client, ref, {
      argv,
      env,
      marker,
      workdir,
      tty: false,
      stdin: stdin !== undefined,
      signal,
    });
    signal.throwIfAborted();
    onStarted?.(controlExec(client, ref, marker, session));
    const { socket } = session;
    if (stdin !== undefined) giveInput(client, session, stdin).catch(() => socket.destroy());
    const hasInput = stdin !== undefined && !isEmpty(stdin);
    return await Promise.race([pump(client, session, { argv, hasInput }, onOutput), aborted.promise]);
  } catch (error) {
    await session?.kill();
    session?.socket.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function pump(
  client: OciClient,
  session: ExecSession,
  { argv, hasInput }: { readonly argv: readonly string[]; readonly hasInput: boolean },
  onOutput: ExecIo['onOutput'],
): Promise<Exit> {
  const demux = createDemuxer();
  const reader = { lastChunkAt: 0, busy: false };
  const watch = endWithoutLeftovers(session, client.dialect.execKeepsPid, reader);
  /** Output that looks like the runtime's own message, held back until it is known whose it is. */
  let held: Piece[] | null = [];
  let heldBytes = 0;
  let beginning = '';
  const deliver = async ({ stream, chunk }: Piece) => {
    reader.busy = true;
    await onOutput(stream, chunk);
    reader.busy = false;
    reader.lastChunkAt = Date.now();
  };

  try {
    for await (const data of session.socket) {
      reader.lastChunkAt = Date.now();
      for (const piece of demux(data)) {
        if (held) {
          held.push(piece);
          heldBytes += piece.chunk.length;
          if (beginning.length < LONGEST_BEGINNING) beginning += piece.chunk.toString('latin1', 0, LONGEST_BEGINNING);
          if (mayBeFailure(client, beginning) && heldBytes <= MOST_HELD) continue;
          const pieces: Piece[] = held;
          held = null;
          for (const each of pieces) await deliver(each);
        } else {
          await deliver(piece);
        }
      }
    }
  } catch (error) {
    const unread = hasInput && (await isOverSoon(session));
    if (!watch.ended() && !unread) throw toAppError(error, client.engine, 'read the output');
  } finally {
    watch.stop();
  }
  const { exit, started } = await session.exit();
  if (held) {
    const text = textOf(held, MOST_HELD);
    const failed = text !== '' && mayBeFailure(client, text) && exit.code !== 0;
    if (!started || failed) throw notStarted(client, text, argv);
    for (const each of held) await deliver(each);
  }
  return exit;
}

/** A connection that breaks when the command ends only says that it did not want all of its input. */
async function isOverSoon(session: ExecSession): Promise<boolean> {
  for (const end = Date.now() + OVER_MS; Date.now() < end; await sleep(10)) {
    if ((await session.state()).over) return true;
  }
  return false;
}

function textOf(pieces: readonly Piece[], most: number): string {
  return Buffer.concat(pieces.map(({ chunk }) => chunk)).toString('utf8', 0, most);
}

/**
 * The stream stays open as long as anything holds it, e.g. a background process that the command
 * left. This looks now and then whether the command itself is over, and then closes the stream once
 * it is quiet.
 */
function endWithoutLeftovers(
  session: ExecSession,
  keepsPid: boolean,
  reader: { readonly lastChunkAt: number; readonly busy: boolean },
) {
  let ended = false;
  let stopped = false;
  let timer: NodeJS.Timeout;
  const look = async (wait: number) => {
    const running = await session.state().then(
      (state) => state.running || (state.pid === 0 && (keepsPid || !state.over)),
      () => false, // gone, or the daemon is: the stream ends by itself then, or here
    );
    if (stopped) return;
    if (running) schedule(Math.min(wait * 1.5, LAST_LOOK_MS));
    else closeWhenQuiet();
  };
  const schedule = (wait: number) => {
    timer = setTimeout(() => void look(wait), wait);
  };
  const closeWhenQuiet = () => {
    timer = setTimeout(() => {
      if (stopped) return;
      if (reader.busy || Date.now() - reader.lastChunkAt < QUIET_MS) {
        closeWhenQuiet();
        return;
      }
      ended = true;
      session.socket.destroy();
    }, QUIET_MS);
  };
  schedule(FIRST_LOOK_MS);
  return {
    ended: () => ended,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
