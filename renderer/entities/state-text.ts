import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { Strings } from '../strings/en.ts';

/** The state in words; of one that a limit ended, also which. */
export function stateText({ state, exit }: Pick<Sandbox, 'state' | 'exit'>, strings: Strings): string {
  const name = strings.states[state];
  if (state !== 'stopped' || exit?.limit === undefined) return name;
  const limits: Readonly<Record<string, string>> = strings.overview.limitNames;
  return strings.list.endedByLimit(name, limits[exit.limit] ?? exit.limit);
}
