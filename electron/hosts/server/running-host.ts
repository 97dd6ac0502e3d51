import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { readState } from './state-file.ts';

const answerSchema = z.object({ token: z.string() });

export interface RunningHost {
  readonly pid: number;
  readonly port: number;
  /** Of a fresh link. */
  readonly token: string;
}

/** The host that uses this state folder; null when nobody answers there. */
export async function linkToRunningHost(home: string): Promise<RunningHost | null> {
  const state = await readState(home);
  if (!state) return null;
  try {
    const response = await fetch(`http://127.0.0.1:${state.port}/auth/link`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${state.token}` },
      signal: AbortSignal.timeout(5000),
    });
    const answer = answerSchema.safeParse(await response.json());
    return answer.success ? { pid: state.pid, port: state.port, token: answer.data.token } : null;
  } catch {
    return null; // the file is of a host that is gone; the caller says that the folder is in use
  }
}

/** The same, of a host that was there a moment ago. Throws `disconnected`. */
export async function requireLink(home: string) {
  const found = await linkToRunningHost(home);
  if (found) return found;
  throw new AppError('disconnected', 'Terrarium’s host gives no link to its page', { hint: 'Try again.' });
}
