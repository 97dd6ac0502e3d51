/** Where the keyboard begins in a pane, the best first. */
const beginnings = [
  '.xterm-helper-textarea',
  '.cm-content[aria-readonly="false"]',
  '[role="grid"]',
  '[role="tab"][aria-selected="true"]',
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), [tabindex="0"]',
];

const isShown = (element: Element) => element.getClientRects().length > 0;

function beginningOf(pane: Element): HTMLElement | null {
  for (const selector of beginnings) {
    for (const element of pane.querySelectorAll<HTMLElement>(selector)) if (isShown(element)) return element;
  }
  return null;
}

/** The pane that has the focus, e.g. `list`; null when none has. */
export function focusedPane(): string | null {
  return document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset.pane ?? null;
}

/** Takes the focus to a pane that is marked with `data-pane`. */
export function focusPane(name: string): void {
  const pane = document.querySelector(`[data-pane="${name}"]`);
  if (pane) beginningOf(pane)?.focus();
}

/** Takes the focus on to the next pane that is shown, or back; also out of a terminal. */
export function stepPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => beginningOf(pane) !== null);
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = at === -1 && step === -1 ? panes.length - 1 : at + step;
  const pane = panes[(next + panes.length) % panes.length];
  if (pane) beginningOf(pane)?.focus();
}
