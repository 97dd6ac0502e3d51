import type { KeyboardEvent, PointerEvent } from 'react';
import { usePage, usePreference, useStrings } from '../stores/page.ts';
import { LIST_WIDTH } from '../stores/preferences.ts';

const STEP = 20;

const within = (width: number) => Math.round(Math.min(LIST_WIDTH.most, Math.max(LIST_WIDTH.least, width)));

/** The border between list and detail: drag it, move it with the arrow keys, double-click it. */
export function Splitter() {
  const { preferences } = usePage();
  const strings = useStrings();
  const width = usePreference((state) => state.listWidth);

  function onPointerMove(event: PointerEvent<HTMLDivElement>): void {
    if (event.currentTarget.hasPointerCapture(event.pointerId))
      preferences.change({ listWidth: within(event.clientX) });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const change = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (change !== undefined) preferences.change({ listWidth: within(width + change) });
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr cannot be moved; this is the pattern for a window splitter.
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={strings.app.resizeList}
      aria-valuenow={width}
      aria-valuemin={LIST_WIDTH.least}
      aria-valuemax={LIST_WIDTH.most}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onDoubleClick={() => preferences.change({ listWidth: LIST_WIDTH.normal })}
      onKeyDown={onKeyDown}
      className="relative w-px shrink-0 cursor-col-resize bg-line transition-colors after:absolute after:inset-y-0 after:-left-1 after:z-10 after:w-2 hover:bg-accent max-md:hidden"
    />
  );
}
