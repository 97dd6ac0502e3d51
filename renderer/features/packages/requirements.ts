import type { PackageProvider } from '../../../shared/contract/packages.ts';

/**
 * What is typed, cut into requirements: by spaces and commas, but not between a name and its versions
 * (`requests >= 2, < 3` is one).
 */
export function splitRequirements(text: string): string[] {
  return text
    .replace(/\s*([<>=!~]=?=?)\s*/g, '$1')
    .replace(/,\s*(?=[<>=!~])/g, ',')
    .split(/\s+|,(?![<>=!~])/)
    .filter((part) => part !== '');
}

export function pinned(provider: PackageProvider, name: string, version: string): string {
  return provider === 'pip' ? `${name}==${version}` : `${name}@${version}`;
}
