import type { Terminal } from '@xterm/xterm';

/** An OSC number that no program uses: it marks where in the terminal's input a replay begins. */
const MARK = 7_331_001;

export interface Replays {
  /**
   * Shows a replay in place of all that was written before. `name` must be one that no program can guess.
   * `done` is called when it was read.
   */
  readonly write: (name: string, replay: string, done: () => void) => void;
  /**
   * Whether the terminal is reading a replay right now. What it says meanwhile are its answers to queries
   * of before. It reads a replay in one go, so no key and no paste of the user can fall in between.
   */
  readonly isReading: () => boolean;
}

export function createReplays(terminal: Pick<Terminal, 'write' | 'parser'>): Replays {
  let reading = false;
  return {
    isReading: () => reading,
    write: (name, replay, done) => {
      const mark = terminal.parser.registerOscHandler(MARK, (data) => {
        if (data === name) reading = true;
        return true;
      });
      // The reset (RIS) comes in the same stream: what was written before and is not drawn yet goes with it.
      terminal.write(`\x1bc\x1b]${MARK};${name}\x07${replay}`, () => {
        mark.dispose();
        reading = false;
        done();
      });
    },
  };
}
