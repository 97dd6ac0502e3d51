/** What a program does to a terminal that outlasts it, unless it undoes it. */
export interface TerminalModes {
  /** What it writes, in pieces as they come. */
  readonly see: (data: string) => void;
  /** What undoes all that is still on; empty where nothing is. */
  readonly undo: () => string;
  /** From here on nothing is known: `undo` undoes everything that there is. */
  readonly forget: () => void;
}

/**
 * DEC's private modes that full-screen programs and shells switch on: application keys, another screen, mouse, focus,
 * bracketed paste (xterm’s “Control Sequences”).
 */
const USUALLY_OFF = ['1', '9', '1000', '1002', '1003', '1004', '1005', '1006', '1015', '47', '1047', '1049', '2004'];
/** The cursor is shown, and lines are wrapped. */
const USUALLY_ON = ['7', '25'];

// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins what is looked for.
const CHANGES = /\x1b\[\?([\d;]+)([hl])|\x1b([=>])|\x1b\[>4(?:;(\d*))?m/g;
/** The end of a piece that may be the beginning of a change. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins what is looked for.
const BEGINNING = /\x1b(?:\[(?:[?>][\d;]*)?)?$/;

const KEYPAD = 'keypad';
const KEYS = 'keys';

export function createTerminalModes(): TerminalModes {
  /** Those that are not as they usually are. */
  let changed = new Set<string>();
  let rest = '';
  const mark = (mode: string, isChanged: boolean) => void (isChanged ? changed.add(mode) : changed.delete(mode));

  return {
    see(data) {
      const text = rest + data;
      for (const [, modes, to, keypad, keys] of text.matchAll(CHANGES)) {
        for (const mode of modes?.split(';') ?? []) {
          if (USUALLY_OFF.includes(mode)) mark(mode, to === 'h');
          else if (USUALLY_ON.includes(mode)) mark(mode, to === 'l');
        }
        if (keypad !== undefined) mark(KEYPAD, keypad === '=');
        else if (modes === undefined) mark(KEYS, keys !== undefined && Number(keys) > 0);
      }
      rest = BEGINNING.exec(text)?.[0] ?? '';
    },
    undo() {
      if (changed.size === 0) return '';
      const off = USUALLY_OFF.filter((mode) => changed.has(mode)).map((mode) => `\x1b[?${mode}l`);
      const on = USUALLY_ON.filter((mode) => changed.has(mode)).map((mode) => `\x1b[?${mode}h`);
      const others = [changed.has(KEYPAD) ? '\x1b>' : '', changed.has(KEYS) ? '\x1b[>4m' : '', '\x1b[0m'];
      return [...off, ...on, ...others].join('');
    },
    forget() {
      changed = new Set([...USUALLY_OFF, ...USUALLY_ON, KEYPAD, KEYS]);
    },
  };
}
