import type { Output } from './output.ts';

/** Something that is drawn again and again. */
export interface Screen {
  readonly draw: (text: string) => void;
  /** The terminal is as it was. Idempotent. */
  readonly close: () => void;
}

/** A screen of its own (as full-screen programs have it), no cursor, lines cut at the edge. */
const OPEN = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const CLOSE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** On a terminal drawn over what was before; where output is piped, one after another. */
export function openScreen(output: Output, stream: NodeJS.WriteStream = process.stdout): Screen {
  if (output.columns === undefined || output.json) return { draw: output.line, close: () => undefined };
  let open = true;
  const close = () => {
    if (open) stream.write(CLOSE);
    open = false;
    process.off('exit', close);
  };
  // Also when this program is ended at once.
  process.on('exit', close);
  stream.write(OPEN);
  return {
    draw: (text) => void stream.write(`\x1b[H\x1b[J${text.split('\n').slice(0, stream.rows).join('\r\n')}`),
    close,
  };
}
