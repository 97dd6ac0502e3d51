import { setTimeout as sleep } from 'node:timers/promises';
import { feedInput, type Input } from '../../lib/feed-input.ts';
import type { OciClient } from './client.ts';
import type { ExecSession } from './exec-session.ts';

/** Later than this an engine hardly ever notes the end of a command. */
const LATE_MS = 30;

/**
 * Gives a command its input, and the end of it. Where unread input costs output, only once the command runs, so
 * that one which is over at once, e.g. as it fails, gets none. Rejects with what the input fails with.
 */
export async function giveInput({ dialect }: OciClient, session: ExecSession, input: Input): Promise<void> {
  const waits = dialect.unreadInputCosts && !isEmpty(input);
  await feedInput(session.socket, waits ? onceItRuns(session, input) : input);
}

/** Takes the first piece before it looks: a source that was never begun would not be told that nothing is wanted. */
async function* onceItRuns(session: ExecSession, input: Input): AsyncGenerator<Uint8Array> {
  let running = false;
  for await (const piece of input instanceof Uint8Array ? [input] : input) {
    running ||= await runs(session);
    if (!running) return;
    yield piece;
  }
}

export function isEmpty(input: Input): boolean {
  return input instanceof Uint8Array && input.length === 0;
}

/** Looks twice: the engine notes the end of a command a moment late. */
async function runs(session: ExecSession): Promise<boolean> {
  let looks = 0;
  for (let wait = 1; !session.socket.closed; wait = Math.min(wait * 2, 50)) {
    const state = await session.state().catch(() => null); // gone, or the engine is: the stream's end tells of it
    if (!state || state.over) return false;
    const { running, pid } = state;
    if (running && pid !== 0) looks += 1;
    if (looks === 2) return true;
    await sleep(looks === 1 ? LATE_MS : wait);
  }
  return false;
}
