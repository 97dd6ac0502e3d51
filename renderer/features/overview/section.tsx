import type { ReactNode } from 'react';

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="rounded-lg border border-line bg-surface">
      <h3 className="border-b border-line px-3 py-1.5 text-sm font-semibold text-dim">{title}</h3>
      <div className="px-3 py-2">{children}</div>
    </section>
  );
}

interface FactProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly mono?: boolean;
}

/** One line of a list of facts; must stand in a `dl`. */
export function Fact({ label, children, mono }: FactProps) {
  return (
    <div className="grid grid-cols-[minmax(6rem,9rem)_minmax(0,1fr)] gap-3 py-0.5">
      <dt className="text-faint">{label}</dt>
      <dd className={`min-w-0 [overflow-wrap:anywhere] ${mono === true ? 'font-mono text-sm' : ''}`}>{children}</dd>
    </div>
  );
}
