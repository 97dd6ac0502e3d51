export interface StackLine {
  readonly text: string;
  /** Of the function's own code, from 1; null where the line names none. */
  readonly line: number | null;
}

/** `function.js:3:9` in JavaScript, `File "function.py", line 3` in Python: what the code is called where it runs. */
const OWN = /\bfunction\.js:(\d+)|File "function\.py", line (\d+)/;

/** The lines of a stack, and where in the function's code each leads. */
export function stackLines(stack: string): readonly StackLine[] {
  return stack
    .replace(/\n+$/, '')
    .split('\n')
    .map((text) => {
      const [, javascript, python] = OWN.exec(text) ?? [];
      const line = Number(javascript ?? python ?? 0);
      return { text, line: line > 0 ? line : null };
    });
}

/** The innermost of the function's own lines: where it was thrown. Python tells it last. */
export function thrownAt(lines: readonly StackLine[]): number | null {
  const own = lines.filter(({ line }) => line !== null);
  const isPython = lines.some(({ text }) => text.includes('File "function.py"'));
  return (isPython ? own.at(-1) : own[0])?.line ?? null;
}
