/** What is selected in the list, and what the detail shows. */
export interface Selection {
  readonly active: string | null;
  readonly selected: ReadonlySet<string>;
  readonly anchor: string | null;
}

export interface Modifiers {
  readonly toggle: boolean;
  readonly range: boolean;
}

/** The selection after a click on `id`, as in every list of files: plain, Ctrl or Shift. */
export function select(before: Selection, ids: readonly string[], id: string, { toggle, range }: Modifiers): Selection {
  if (range) {
    const from = before.anchor === null ? -1 : ids.indexOf(before.anchor);
    const to = ids.indexOf(id);
    if (from !== -1) {
      const span = ids.slice(Math.min(from, to), Math.max(from, to) + 1);
      return { active: id, selected: new Set(toggle ? [...before.selected, ...span] : span), anchor: before.anchor };
    }
  }
  if (toggle) {
    const selected = new Set(before.selected);
    if (!selected.delete(id)) selected.add(id);
    return { active: id, selected, anchor: id };
  }
  return { active: id, selected: new Set([id]), anchor: id };
}
