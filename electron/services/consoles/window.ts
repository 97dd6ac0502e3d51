/** How much a reader may have without having drawn it. */
export interface Window {
  readonly sent: (characters: number) => void;
  readonly drawn: (characters: number) => void;
  readonly isFull: () => boolean;
}

/**
 * What a reader has in hand is what the user waits for after Ctrl+C: no more than it draws in this
 * time. Far above the time that an acknowledgement and new output need on this machine, so that a
 * fast reader never runs dry.
 */
const DRAWING_MS = 100;
/** However slow it seems: several acknowledgements' worth. */
const LEAST = 128 * 1024;
/** Speed is measured over a few frames at least: acknowledgements come in bursts. */
const MEASURE_MS = 50;
/** Less than this in that time is typing, which says nothing about how fast a flood is drawn. */
const TELLING = 16 * 1024;
/** Weight of the newest measurement: one slow moment changes little. */
const WEIGHT = 0.5;

/** Up to `most` characters, fewer for a reader that draws slowly. `now` is in milliseconds. */
export function createWindow(most: number, now: () => number = () => performance.now()): Window {
  let outstanding = 0;
  /** Since when the reader has been drawing without a break, or was last measured; and how much since then. */
  let since = 0;
  let drawnSince = 0;
  /** Characters a millisecond; unknown at first. */
  let rate: number | undefined;

  const size = () => (rate === undefined ? most : Math.min(most, Math.max(LEAST, rate * DRAWING_MS)));

  return {
    sent(characters) {
      if (outstanding === 0) {
        since = now();
        drawnSince = 0;
      }
      outstanding += characters;
    },
    drawn(characters) {
      outstanding = Math.max(0, outstanding - characters);
      drawnSince += characters;
      const elapsed = now() - since;
      if (elapsed < MEASURE_MS) return;
      if (drawnSince >= TELLING) {
        const measured = drawnSince / elapsed;
        rate = rate === undefined ? measured : rate + (measured - rate) * WEIGHT;
      }
      since += elapsed;
      drawnSince = 0;
    },
    isFull: () => outstanding > size(),
  };
}
