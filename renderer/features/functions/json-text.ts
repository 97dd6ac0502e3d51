import { jsonErrorAt } from './json-error.ts';

export interface JsonProblem {
  readonly message: string;
  /** From 1; null when it is not known. */
  readonly line: number | null;
}

/** Why a text is no JSON; null when it is. */
export function jsonProblem(text: string): JsonProblem | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const at = jsonErrorAt(text);
    return {
      message: error instanceof Error ? error.message : String(error),
      line: at === null ? null : text.slice(0, at).split('\n').length,
    };
  }
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
