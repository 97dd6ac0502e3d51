import type { core } from 'zod';
import type { Strings } from '../strings/en.ts';

/** What zod finds wrong where the schema itself says nothing, in the user's words. */
export function issueWords({ create: text }: Strings): (issue: core.$ZodRawIssue) => string {
  return (issue) => {
    switch (issue.code) {
      case 'invalid_type':
        return issue.expected === 'int' ? text.notWhole : text.notValid;
      case 'too_big':
        if (issue.origin === 'string') return text.atMostCharacters(Number(issue.maximum));
        if (issue.origin === 'array') return text.atMostEntries(Number(issue.maximum));
        return Number(issue.maximum) >= Number.MAX_SAFE_INTEGER ? text.tooLarge : text.atMost(Number(issue.maximum));
      case 'too_small':
        return issue.origin === 'string' ? text.required : text.atLeast(Number(issue.minimum));
      default:
        return text.notValid;
    }
  };
}
