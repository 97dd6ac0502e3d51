import { ge, gt, le, lt, satisfies, valid } from '@renovatebot/pep440';

/** What markers ask about (https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers). */
export type MarkerEnvironment = Readonly<Record<string, string>>;

const TOKEN = /\s*(?:(\(|\))|(and|or|not|in)\b|([<>=!~]=?=?)|"([^"]*)"|'([^']*)'|([a-z_.]+))/y;
const DEEPEST = 50;

type Token =
  | { readonly type: 'mark' | 'operator' | 'word'; readonly text: string }
  | { readonly type: 'text'; readonly text: string };

function tokens(marker: string): readonly Token[] | null {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < marker.trimEnd().length) {
    const match = TOKEN.exec(marker);
    if (!match) return null;
    const [, bracket, keyword, operator, double, single, word] = match;
    if (bracket !== undefined) found.push({ type: 'mark', text: bracket });
    else if (keyword !== undefined) found.push({ type: 'mark', text: keyword });
    else if (operator !== undefined) found.push({ type: 'operator', text: operator });
    else if (word !== undefined) found.push({ type: 'word', text: word });
    else found.push({ type: 'text', text: double ?? single ?? '' });
  }
  return found;
}

/** Whether a marker holds; null when it cannot be read. */
export function holds(marker: string, environment: MarkerEnvironment): boolean | null {
  const list = tokens(marker);
  if (!list) return null;
  let at = 0;
  let depth = 0;
  const next = (text: string): boolean => {
    const token = list[at];
    if (token?.type !== 'mark' || token.text !== text) return false;
    at += 1;
    return true;
  };
  /** The rest is read as well where the answer is known, so that a broken marker is never half true. */
  const chain = (word: 'and' | 'or', part: () => boolean): boolean => {
    let value = part();
    while (next(word)) {
      const other = part();
      value = word === 'and' ? value && other : value || other;
    }
    return value;
  };
  const either = (): boolean => chain('or', () => chain('and', one));
  const one = (): boolean => {
    if (next('(')) {
      depth += 1;
      if (depth > DEEPEST) throw new SyntaxError('too deep');
      const value = either();
      if (!next(')')) throw new SyntaxError('a bracket is open');
      depth -= 1;
      return value;
    }
    const left = operand();
    const operator = next('not') ? `not ${expectIn()}` : next('in') ? 'in' : symbol();
    return compare(left, operator, operand());
  };
  const expectIn = () => {
    if (!next('in')) throw new SyntaxError('not what?');
    return 'in';
  };
  const symbol = () => {
    const token = list[at++];
    if (token?.type !== 'operator') throw new SyntaxError('an operator is missing');
    return token.text;
  };
  const operand = (): string => {
    const token = list[at++];
    if (token?.type === 'text') return token.text;
    const value =
      token?.type === 'word' && Object.hasOwn(environment, token.text) ? environment[token.text] : undefined;
    if (value === undefined) throw new SyntaxError('a name is not known');
    return value;
  };
  try {
    const value = either();
    return at === list.length ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const asTexts: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  '==': (a, b) => a === b,
  '===': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  in: (a, b) => b.includes(a),
  'not in': (a, b) => !b.includes(a),
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
const asVersions: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  '<': lt,
  '<=': le,
  '>': gt,
  '>=': ge,
};

/** As versions where both are, else as text. */
function compare(left: string, operator: string, right: string): boolean {
  if (valid(left) !== null && valid(right.replace(/\.\*$/, '')) !== null) {
    const ordered = asVersions[operator];
    if (ordered) return ordered(left, right);
    if (['==', '!=', '~=', '==='].includes(operator))
      return satisfies(left, `${operator}${right}`, { prereleases: true });
  }
  const plain = asTexts[operator];
  if (!plain) throw new SyntaxError('the operator is not known');
  return plain(left, right);
}
