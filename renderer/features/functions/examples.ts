import type { FunctionSpecInput } from '../../../shared/model/function.ts';

interface Example {
  readonly name: string;
  readonly code: string;
  readonly payload: string;
}

const payload = `{
  "words": ["sandbox", "function", "sandbox"]
}`;

/** Small and whole: a payload, a log, a result, and an error for whoever asks for it. */
export const examples = {
  javascript: {
    name: 'count-words-js',
    payload,
    code: `// Takes the payload and returns what becomes JSON.
export function handler({ words }) {
  if (!Array.isArray(words)) {
    throw new TypeError('words must be a list');
  }
  console.log('counting', words.length, 'words');
  const counts = {};
  for (const word of words) {
    counts[word] = (counts[word] ?? 0) + 1;
  }
  const sorted = words.toSorted((a, b) => b.length - a.length);
  return { counts, longest: sorted[0] ?? null };
}
`,
  },
  python: {
    name: 'count-words-py',
    payload,
    code: `from collections import Counter


def handler(payload, context):
    """Takes the payload and returns what becomes JSON."""
    words = payload["words"]
    if not isinstance(words, list):
        raise TypeError("words must be a list")
    print("counting", len(words), "words")
    longest = max(words, key=len, default=None)
    return {"counts": Counter(words), "longest": longest}
`,
  },
} as const satisfies Readonly<Record<string, Example>>;

export type ExampleLanguage = keyof typeof examples;

/** A function in WebAssembly, which needs nothing installed. */
export function exampleSpec(language: ExampleLanguage): FunctionSpecInput {
  return { engine: 'wasm', code: { type: language, text: examples[language].code } };
}

/** `name`, or with the first number that nobody has. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; taken.has(name); number += 1) {
    const next = `${name.replace(/-\d+$/, '')}-${number}`;
    if (!taken.has(next)) return next;
  }
  return name;
}
