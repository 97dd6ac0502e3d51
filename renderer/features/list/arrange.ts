import type { EngineReport } from '../../../shared/model/engine.ts';
import { engineKinds } from '../../../shared/model/kinds.ts';
import type { Sandbox, SandboxState } from '../../../shared/model/sandbox.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import { sandboxStates } from '../../../shared/model/states.ts';
import type { Preferences } from '../../stores/preferences.ts';

export interface Filter {
  readonly text: string;
  readonly engine: EngineKind | 'all';
  readonly state: SandboxState | 'all';
}

export const noFilter: Filter = { text: '', engine: 'all', state: 'all' };

export type Row =
  | { readonly type: 'group'; readonly key: EngineKind | SandboxState; readonly count: number }
  | { readonly type: 'sandbox'; readonly sandbox: Sandbox };

export function isFiltering(filter: Filter): boolean {
  return filter.text.trim() !== '' || filter.engine !== 'all' || filter.state !== 'all';
}

/** The engines worth filtering by: those that this host has, those of sandboxes, and the one that is chosen. */
export function enginesToChoose(
  reports: readonly Pick<EngineReport, 'kind' | 'status'>[],
  sandboxes: Iterable<Sandbox>,
  chosen: Filter['engine'],
): readonly EngineKind[] {
  const kinds = new Set<string>([chosen]);
  for (const { kind, status } of reports) if (status !== 'missing') kinds.add(kind);
  for (const { engine } of sandboxes) kinds.add(engine);
  return engineKinds.filter((kind) => kinds.has(kind));
}

/** Each word of the text must be in the name, the source or the engine. */
export function matches(sandbox: Sandbox, filter: Filter): boolean {
  if (filter.engine !== 'all' && sandbox.engine !== filter.engine) return false;
  if (filter.state !== 'all' && sandbox.state !== filter.state) return false;
  const haystack = `${sandbox.name} ${sandbox.source} ${sandbox.engine} ${sandbox.state}`.toLowerCase();
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

/** Newest first; the id settles what was made in the same millisecond, so that rows do not swap places. */
function byAge(a: Sandbox, b: Sandbox): number {
  return b.createdAt - a.createdAt || a.id.localeCompare(b.id);
}

/** The rows of the list, from all sandboxes. */
export function arrange(sandboxes: Iterable<Sandbox>, filter: Filter, groupBy: Preferences['groupBy']): readonly Row[] {
  const shown = [...sandboxes].filter((sandbox) => matches(sandbox, filter)).sort(byAge);
  const toRow = (sandbox: Sandbox): Row => ({ type: 'sandbox', sandbox });
  if (groupBy === 'none') return shown.map(toRow);
  const keys = groupBy === 'engine' ? engineKinds : sandboxStates;
  return keys.flatMap((key) => {
    const members = shown.filter((sandbox) => sandbox[groupBy] === key);
    return members.length === 0 ? [] : [{ type: 'group' as const, key, count: members.length }, ...members.map(toRow)];
  });
}
