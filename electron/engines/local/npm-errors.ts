import { AppError } from '../../../shared/model/error.ts';
import type { ToolResult } from './tools.ts';

/** What npm says when it fails, in the user's words. Matched on npm 9 to 11, which name their errors by code. */
export function npmError({ stdout, stderr, exit }: ToolResult, doing: string): AppError {
  const text = `${stderr}\n${stdout}`.replace(/^npm (?:ERR!|error) ?/gm, '');
  const code = /^code (\S+)$/m.exec(text)?.[1] ?? '';
  const blamed = (name: string | undefined) => (name ? { details: { package: name } } : {});

  if (code === 'E404') {
    const name = /'((?:@[^/'\s]+\/)?[^@'\s]+)(?:@[^']*)?' (?:is not in this registry|could not be found)/.exec(
      text,
    )?.[1];
    return new AppError(
      'not_found',
      `The package ${name ?? 'that was asked for'} was not found where packages come from.`,
      {
        hint: 'Check its spelling, and the registry.',
        ...blamed(name),
      },
    );
  }
  if (code === 'ETARGET') {
    const [, name, range] = /No matching version found for ((?:@[^/\s]+\/)?[^@\s]+)@(\S+?)\.?$/m.exec(text) ?? [];
    return new AppError(
      'not_found',
      `The package ${name ?? ''} has no version that fits ${range ?? 'what was asked for'}.`,
      {
        hint: 'Look at its versions and name one of them.',
        ...blamed(name),
      },
    );
  }
  if (code === 'ERESOLVE') {
    const name = /Found: ((?:@[^/\s]+\/)?[^@\s]+)@/.exec(text)?.[1];
    return new AppError('conflict', 'These packages do not go together.', {
      hint: firstLines(text, /(?:Found|Could not resolve dependency|peer)\b/),
      ...blamed(name),
    });
  }
  if (['ENOTFOUND', 'ECONNREFUSED', 'EAI_AGAIN', 'ETIMEDOUT', 'ECONNRESET', 'ENETUNREACH'].includes(code)) {
    const where = /https?:\/\/([^/\s]+)/.exec(text)?.[1];
    return new AppError('disconnected', `${where ?? 'The registry'} cannot be reached.`, {
      hint: 'Check the network and the registry.',
    });
  }
  if (code === 'ENOSPC') {
    return new AppError('limit_exceeded', `The disk is full: ${doing} could not be finished.`, {
      hint: 'Free some space.',
    });
  }
  if (code === 'EJSONPARSE') {
    return new AppError('invalid_input', "The workspace's package.json is damaged.", {
      hint: 'Put it right and try again.',
    });
  }
  if (exit.signal !== null) {
    return new AppError('cancelled', `${doing} was ended (${exit.signal}).`, {
      hint: 'The sandbox may have been stopped or destroyed.',
    });
  }
  return new AppError('internal', `${doing} failed${code ? ` (${code})` : ''}.`, {
    hint: firstLines(text.replace(/^(?:code|A complete log).*$/gm, ''), /\S/) || `npm ended with ${exit.code}.`,
  });
}

const firstLines = (text: string, pattern: RegExp) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => pattern.test(line))
    .slice(0, 3)
    .join(' ');
