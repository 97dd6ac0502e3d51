import { parseArgsStringToArgv } from 'string-argv';

/** Splits a command as a shell would, without running one. Undefined when a quote is not closed. */
export function splitCommand(text: string): readonly string[] | undefined {
  return hasOpenQuote(text) ? undefined : parseArgsStringToArgv(text);
}

function hasOpenQuote(text: string): boolean {
  let quote = '';
  for (const character of text) {
    if (quote === '') {
      if (character === '"' || character === "'") quote = character;
    } else if (character === quote) quote = '';
  }
  return quote !== '';
}

/** An argv as one would type it, for showing. */
export function joinCommand(argv: readonly string[]): string {
  return argv
    .map((argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
