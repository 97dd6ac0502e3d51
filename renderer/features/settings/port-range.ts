import { type PortRange, portRangeSchema } from '../../../shared/model/config.ts';
import { parsePlainNumber } from '../../../shared/units.ts';
import { issueWords } from '../../entities/issue-words.ts';
import type { Strings } from '../../strings/en.ts';

/** The range as it was typed. */
export interface PortRangeText {
  readonly first: string;
  readonly last: string;
}

export interface CheckedRange {
  /** Null while something is wrong. */
  readonly range: PortRange | null;
  readonly problems: { readonly first?: string; readonly last?: string };
}

export function rangeText({ first, last }: PortRange): PortRangeText {
  return { first: String(first), last: String(last) };
}

/** Reads the two fields with the host's own schema. */
export function checkRange(text: PortRangeText, strings: Strings): CheckedRange {
  const first = parsePlainNumber(text.first);
  const last = parsePlainNumber(text.last);
  if (first === undefined || last === undefined) {
    const problem = (value: number | undefined) => (value === undefined ? strings.settings.notANumber : undefined);
    return { range: null, problems: withoutMissing({ first: problem(first), last: problem(last) }) };
  }
  const parsed = portRangeSchema.safeParse({ first, last }, { error: issueWords(strings) });
  if (parsed.success) return { range: parsed.data, problems: {} };
  // What is wrong with both at once is said where the range begins.
  const messageAt = (field: string) => parsed.error.issues.find(({ path }) => path[0] === field)?.message;
  return { range: null, problems: withoutMissing({ first: messageAt('first'), last: messageAt('last') }) };
}

function withoutMissing(problems: { readonly first: string | undefined; readonly last: string | undefined }) {
  const { first, last } = problems;
  return { ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
}
