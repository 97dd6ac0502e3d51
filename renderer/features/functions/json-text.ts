export interface JsonProblem {
  readonly message: string;
  /** From 1; null when the engine does not tell. */
  readonly line: number | null;
}

/** Why a text is no JSON; null when it is. */
export function jsonProblem(text: string): JsonProblem | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { message, line: lineOf(message, text) };
  }
}

/** V8 and Firefox tell the line, or at least the position. */
function lineOf(message: string, text: string): number | null {
  const line = /\bline (\d+)/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /\bposition (\d+)/.exec(message)?.[1];
  if (position !== undefined) return text.slice(0, Number(position)).split('\n').length;
  return /end of (JSON input|data)/i.test(message) ? text.split('\n').length : null;
}

/** JSON with an indentation, its numbers as they are written; any other text stays as it is. */
export function prettyJson(text: string): string {
  if (jsonProblem(text) !== null) return text;
  let depth = 0;
  const newLine = () => `\n${'  '.repeat(depth)}`;
  const tokens = text.match(TOKENS) ?? [];
  const parts = tokens.map((token, index) => {
    if (token === '{' || token === '[') {
      depth += 1;
      return isEnd(tokens[index + 1]) ? token : token + newLine();
    }
    if (isEnd(token)) {
      depth -= 1;
      return isBeginning(tokens[index - 1]) ? token : newLine() + token;
    }
    if (token === ',') return token + newLine();
    return token === ':' ? ': ' : token;
  });
  return parts.join('');
}

/** Strings, and whatever is neither white space nor a sign. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const isBeginning = (token: string | undefined) => token === '{' || token === '[';
const isEnd = (token: string | undefined) => token === '}' || token === ']';
