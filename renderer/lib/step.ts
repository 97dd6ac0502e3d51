/** Where the keyboard goes from the active row of a list; undefined when it has nowhere to go. `page`: rows in sight. */
export function step(ids: readonly string[], active: string | null, key: string, page: number): string | undefined {
  const index = active === null ? -1 : ids.indexOf(active);
  const last = ids.length - 1;
  const target = {
    ArrowDown: Math.min(last, index + 1),
    ArrowUp: index === -1 ? last : Math.max(0, index - 1),
    PageDown: Math.min(last, Math.max(0, index) + page),
    PageUp: Math.max(0, index - page),
    Home: 0,
    End: last,
  }[key];
  return target === undefined ? undefined : ids[target];
}
