import { stripVTControlCharacters, styleText } from 'node:util';
import stringWidth from 'string-width';

/** Where a command's words go. */
export interface Output {
  /** One JSON value instead of words for people. */
  readonly json: boolean;
  /** The width of a terminal; undefined where output is piped. */
  readonly columns: number | undefined;
  readonly line: (text: string) => void;
  readonly value: (value: unknown) => void;
  /** A value in a line of its own, one of many. */
  readonly record: (value: unknown) => void;
  readonly style: (format: Parameters<typeof styleText>[0], text: string) => string;
}

export function createOutput(json: boolean, stream: NodeJS.WriteStream = process.stdout): Output {
  const line = (text: string) => void stream.write(`${text}\n`);
  return {
    json,
    columns: stream.isTTY ? stream.columns : undefined,
    line,
    value: (value) => line(escapeHidden(JSON.stringify(value, null, stream.isTTY ? 2 : undefined))),
    record: (value) => line(escapeHidden(JSON.stringify(value))),
    // Looks at the stream, NO_COLOR and FORCE_COLOR.
    style: (format, text) => styleText(format, text, { stream }),
  };
}

/** JSON escapes the lower control characters only. */
export function escapeHidden(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A name or a message may be hostile: nothing in it moves the cursor or changes the terminal. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '�');
}

/** Columns as wide as their widest cell, two spaces apart. Cells may be styled, but hold nothing else that is not text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column] ?? ''))));
  const pad = (cell: string, column: number) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
  return all.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}
