import { z } from 'zod';

/**
 * What schemas find wrong, in words that stand behind a field's name, where the schema itself says nothing. Undefined: zod's
 * own words. Importing this sets them for all schemas of this process.
 */
export function defaultIssueWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'missing';
      if (issue.expected === 'int' && typeof issue.input === 'number') return 'expected a whole number';
      return `expected ${nameOf(issue.expected)}, not ${kindOf(issue.input)}`;
    case 'invalid_value':
      return expectedOneOf(issue.values);
    case 'invalid_union':
      return Array.isArray(issue.options)
        ? expectedOneOf(issue.options as readonly unknown[])
        : 'in none of the forms that it may have';
    case 'unrecognized_keys':
      return `there ${issue.keys.length === 1 ? 'is no field' : 'are no fields'} ${issue.keys.map((key) => `“${key}”`).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${amount(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${amount(issue.maximum, issue.origin)}`;
    default:
      return undefined;
  }
}

z.config({ customError: defaultIssueWords });

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields with names',
  record: 'fields with names',
};
const nameOf = (type: string) => NAMES[type] ?? type;

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return String(value);
  return nameOf(Array.isArray(value) ? 'array' : typeof value);
}

function expectedOneOf(values: readonly unknown[]): string {
  const all = values.map(String);
  return all.length === 1 ? `expected ${all[0]}` : `expected one of ${all.join(', ')}`;
}

const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
  set: ['entry', 'entries'],
  map: ['entry', 'entries'],
  object: ['field', 'fields'],
};

function amount(number: number | bigint, origin: string): string {
  const units = UNITS[origin];
  return units ? `${number} ${units[Number(number) === 1 ? 0 : 1]}` : String(number);
}
