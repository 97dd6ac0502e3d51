/** Shorter than a frame: the page draws once for what came together, e.g. when hundreds are started. */
const GATHER_MS = 12;

/** Hands items on in groups: those that come within a moment after the first one. */
export function gather<T>(take: (items: readonly T[]) => void): (item: T) => void {
  let items: T[] = [];
  const flush = () => {
    const gathered = items;
    items = [];
    take(gathered);
  };
  return (item) => {
    if (items.length === 0) setTimeout(flush, GATHER_MS);
    items.push(item);
  };
}
