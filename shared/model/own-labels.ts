/** Labels of a sandbox that Terrarium itself sets, and nobody else may. */
export const OWN_LABELS = 'dev.terrarium.';

export const isOwnLabel = (name: string): boolean => name.startsWith(OWN_LABELS);

type Labels = Readonly<Record<string, string>>;

export function ownLabelsOf(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => isOwnLabel(name)));
}

/** For another sandbox that is made after one. */
export function withoutOwnLabels(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !isOwnLabel(name)));
}
