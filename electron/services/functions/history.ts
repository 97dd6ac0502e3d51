import { toErrorData } from '../../../shared/model/error.ts';
import {
  type Invocation,
  type InvocationAnswer,
  type InvocationDetail,
  RESULT_MAX,
} from '../../../shared/model/function.ts';
import { toAppError } from '../../lib/error-reference.ts';
import { newId } from '../../lib/id.ts';
import type { Log } from '../../lib/log.ts';
import type { Answer } from './job.ts';

/** Characters of each payload and result, and of all logs of an invocation, that the history keeps. */
export const KEPT_MAX = 64 * 1024;
const STACK_MAX = 16 * 1024;
const MESSAGE_MAX = 8 * 1024;

export interface Ended {
  readonly functionId: string;
  readonly version: number;
  readonly at: number;
  readonly payload: string;
  readonly answer: Answer;
}

/** What the caller gets of an invocation, and what is kept of it. */
export function tellInvocation(
  { functionId, version, at, payload, answer }: Ended,
  keepPayloads: boolean,
  log: Log,
): { readonly told: InvocationAnswer; readonly kept: InvocationDetail } {
  const { ending, cold, queueMs, startMs } = answer;
  const found = ending.type === 'answered' ? ending.invocation : null;
  const returned = found?.outcome.type === 'returned' ? found.outcome.result : null;
  const resultBytes = returned === null ? null : Buffer.byteLength(returned);
  const isTooLarge = resultBytes !== null && resultBytes > RESULT_MAX;
  const result = isTooLarge ? null : returned;
  const invocation: Invocation = {
    id: newId('inv'),
    functionId,
    version,
    at,
    outcome: isTooLarge ? { type: 'limit', limit: 'outputBytes' } : outcomeOf(answer, log),
    cold,
    queueMs,
    startMs,
    durationMs: found?.durationMs ?? answer.durationMs,
    totalMs: queueMs + startMs + answer.durationMs,
    cpuMs: found?.cpuMs ?? null,
    peakMemoryBytes: found?.peakMemoryBytes ?? null,
    fuelConsumed: found?.fuelConsumed ?? null,
    payloadBytes: Buffer.byteLength(payload),
    resultBytes,
  };
  const logs = [...(found?.logs ?? [])];
  const told = { ...invocation, logs, logsAreCut: found?.truncated ?? false, result };
  if (!keepPayloads) {
    const kept = { ...withoutMessage(invocation), kept: 'off', payload: null, result: null } as const;
    return { told, kept: { ...kept, logs: [], logsAreCut: false } };
  }
  const texts = {
    payload: cut(payload),
    result: result === null ? null : cut(result),
    ...cutLogs(logs, told.logsAreCut),
  };
  const isCut = texts.payload.isCut || texts.result?.isCut === true || texts.logsAreCut;
  return { told, kept: { ...invocation, ...texts, kept: isCut ? 'cut' : 'whole' } };
}

function outcomeOf({ ending }: Answer, log: Log): Invocation['outcome'] {
  if (ending.type === 'limit') return { type: 'limit', limit: ending.limit };
  if (ending.type === 'cancelled') return { type: 'cancelled' };
  if (ending.type === 'failed') return { type: 'failed', error: toErrorData(toAppError(ending.error, log)) };
  const { outcome } = ending.invocation;
  if (outcome.type === 'returned') return { type: 'returned' };
  if (outcome.type === 'limit') return { type: 'limit', limit: outcome.limit };
  const { name, message, stack } = outcome;
  return {
    type: 'threw',
    name: name.slice(0, 256),
    message: message.slice(0, MESSAGE_MAX),
    stack: stack.slice(0, STACK_MAX),
  };
}

/** A message may say what is in the payload. */
function withoutMessage(invocation: Invocation): Invocation {
  const { outcome } = invocation;
  return outcome.type === 'threw' ? { ...invocation, outcome: { ...outcome, message: null, stack: null } } : invocation;
}

function cut(text: string) {
  return { text: text.slice(0, KEPT_MAX), isCut: text.length > KEPT_MAX };
}

function cutLogs(logs: InvocationDetail['logs'], wereCut: boolean): Pick<InvocationDetail, 'logs' | 'logsAreCut'> {
  let room = KEPT_MAX;
  const kept = logs.flatMap(({ stream, text }) => {
    const part = text.slice(0, room);
    room -= part.length;
    return part === '' ? [] : [{ stream, text: part }];
  });
  const length = (all: typeof logs) => all.reduce((sum, { text }) => sum + text.length, 0);
  return { logs: kept, logsAreCut: wereCut || length(kept) < length(logs) };
}
