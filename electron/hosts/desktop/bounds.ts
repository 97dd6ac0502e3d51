import type { Rectangle } from 'electron';
import { z } from 'zod';

const rememberedSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximised: z.boolean(),
});

/** How the window was left. The bounds are those of the window when it is not maximised. */
export type Remembered = z.infer<typeof rememberedSchema>;

export interface Placement {
  readonly bounds: Pick<Rectangle, 'width' | 'height'> & Partial<Pick<Rectangle, 'x' | 'y'>>;
  readonly maximised: boolean;
}

export const SMALLEST = { width: 640, height: 420 };
const USUAL = { width: 1280, height: 820 };
/** So much of the window's upper edge must be on a display that it can be taken hold of. */
const GRIP = { width: 120, height: 40 };

/** Null when nothing, or nothing that makes sense, was kept. */
export function parseRemembered(value: unknown): Remembered | null {
  const parsed = rememberedSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/**
 * Where the window opens. `displays` are the work areas there are now, the primary one first: a
 * display that was unplugged must not keep the window.
 */
export function placeWindow(remembered: Remembered | null, displays: readonly Rectangle[]): Placement {
  const primary = displays[0];
  if (!remembered) return { bounds: primary ? sized(USUAL, primary) : USUAL, maximised: false };
  const { maximised, ...bounds } = remembered;
  const display = displays.find((candidate) => holdsGrip(bounds, candidate));
  // Without a position the system places it, in the middle of the primary display.
  if (!display) return { bounds: primary ? sized(bounds, primary) : USUAL, maximised };
  return { bounds: { x: bounds.x, y: bounds.y, ...sized(bounds, display) }, maximised };
}

function sized(size: Pick<Rectangle, 'width' | 'height'>, display: Rectangle): Pick<Rectangle, 'width' | 'height'> {
  return {
    width: Math.max(SMALLEST.width, Math.min(size.width, display.width)),
    height: Math.max(SMALLEST.height, Math.min(size.height, display.height)),
  };
}

function holdsGrip(window: Rectangle, display: Rectangle): boolean {
  const seen = Math.min(window.x + window.width, display.x + display.width) - Math.max(window.x, display.x);
  const isTopInside = window.y >= display.y && window.y + GRIP.height <= display.y + display.height;
  return isTopInside && seen >= GRIP.width;
}
