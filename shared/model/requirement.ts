import { z } from 'zod';

/** A requirement as pip takes it: a name, extras, versions (PEP 508, without URLs and markers). */
export const requirementSchema = z
  .string()
  .max(256)
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9._,\s-]+\])?\s*(?:(?:[<>=!~]=|[<>]|===)\s*[A-Za-z0-9.*+!_-]+\s*,?\s*)*$/,
    'must look like name, name[extra] or name>=1.2',
  );

/** As npm takes it: a name, and a version, range or tag behind an `@`. */
export const npmRequirementSchema = z
  .string()
  .max(256)
  .regex(
    /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*(?:@[A-Za-z0-9.^~<>=*+_-]+)?$/,
    'must look like name, @scope/name or name@1.2',
  );

/** What is wrong with a requirement, as a sentence that names it; null when nothing is. */
export function requirementProblem(provider: 'pip' | 'npm', requirement: string): string | null {
  const parsed = (provider === 'pip' ? requirementSchema : npmRequirementSchema).safeParse(requirement);
  return parsed.success ? null : `"${requirement}" ${parsed.error.issues[0]?.message ?? 'names no package'}.`;
}
