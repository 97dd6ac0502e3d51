import type { CallToolResult } from '@modelcontextprotocol/server';
import { AppError } from '../../../../shared/model/error.ts';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import { failureOf } from '../failure.ts';

/** Characters of one text in an answer; what is longer loses its middle. */
const MOST = 50_000;

/** What an agent reads, as JSON. */
export function answer(value: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value, null, 1) }] };
}

/** What went wrong, in the words that people read: the agent can mend what it asked for. */
export function refusal(error: unknown): CallToolResult {
  const { code, message, hint } = failureOf(error);
  return { isError: true, content: [{ type: 'text', text: [`${code}: ${message}`, hint ?? ''].join('\n').trim() }] };
}

/** The beginning and the end say most of a long output. */
export function shortened(text: string): string {
  if (text.length <= MOST) return text;
  const left = text.length - MOST;
  return `${text.slice(0, MOST / 2)}\n… ${left} characters left out …\n${text.slice(-MOST / 2)}`;
}

/** What is encoded cannot lose anything. Throws `limit_exceeded`. */
export function whole(base64: string, path: string): string {
  if (base64.length <= MOST) return base64;
  throw new AppError('limit_exceeded', `${path} is no text, and too large for an answer`, {
    hint: 'Look at it with run_command, e.g. head -c and xxd.',
  });
}

export function summaryOf({ id, name, engine, state, source, ports, error }: Sandbox) {
  return { id, name, engine, state, source, ports, ...(error ? { error: error.message } : {}) };
}
