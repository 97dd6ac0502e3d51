/** White space, then a string, a number or a word, or a sign. After RFC 8259. */
const TOKEN =
  /[ \t\n\r]*(?:("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:]))/uy;

type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'end';

/** Where a text stops being JSON; its length when it only ends too early, null when nothing is found. */
export function jsonErrorAt(text: string): number | null {
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const afterValue = (): Expected => (open.length === 0 ? 'end' : 'commaOrEnd');

  for (;;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) {
      const begin = text.length - text.slice(at).trimStart().length;
      return begin === text.length && expected === 'end' ? null : begin;
    }
    const [whole, string, word, sign] = found;
    const end = at + whole.length;
    const begin = end - (string ?? word ?? sign ?? '').length;
    const isValue = sign === undefined;
    const takesValue = expected === 'value' || expected === 'valueOrEnd';
    const isClosed = sign === (open.at(-1) === '{' ? '}' : ']') && open.length > 0;

    if (takesValue && isValue) expected = afterValue();
    else if (takesValue && (sign === '{' || sign === '[')) {
      open.push(sign);
      expected = sign === '{' ? 'keyOrEnd' : 'valueOrEnd';
    } else if ((expected === 'key' || expected === 'keyOrEnd') && string !== undefined) expected = 'colon';
    else if (expected === 'colon' && sign === ':') expected = 'value';
    else if (expected === 'commaOrEnd' && sign === ',') expected = open.at(-1) === '{' ? 'key' : 'value';
    else if (isClosed && (expected === 'commaOrEnd' || expected === 'keyOrEnd' || expected === 'valueOrEnd')) {
      open.pop();
      expected = afterValue();
    } else return begin;
    at = end;
  }
}
