import { capabilitiesFor } from '../../../shared/model/capabilities-for.ts';
import type { LimitName } from '../../../shared/model/limits.ts';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import { formatLimit } from '../../entities/format-limit.ts';
import { useHost, useStrings } from '../../stores/page.ts';
import { Section } from './section.tsx';

const supportClass = { enforced: 'text-ok', 'best-effort': 'text-warn', unsupported: 'text-danger' } as const;

/** What was asked for, and what the engine really holds. */
export function Limits({ spec }: { readonly spec: SandboxSpec }) {
  const strings = useStrings();
  const text = strings.overview;
  const engine = useHost((state) => state.engines?.find(({ kind }) => kind === spec.engine));
  const capabilities = engine && capabilitiesFor(engine, spec.runtime);
  const names = (Object.keys(text.limitNames) as LimitName[]).filter((name) => spec.limits[name] !== undefined);
  return (
    <Section title={text.limits}>
      {names.length === 0 ? (
        <p className="text-faint">{text.noLimits}</p>
      ) : (
        <dl>
          {names.map((name) => {
            const value = spec.limits[name];
            const capability = capabilities?.limits[name];
            return (
              <div key={name} className="grid grid-cols-[minmax(6rem,9rem)_minmax(0,1fr)] gap-3 py-0.5">
                <dt className="text-faint">{text.limitNames[name]}</dt>
                <dd className="flex flex-wrap items-baseline gap-x-2">
                  <span className="tabular-nums">{value === undefined ? '' : formatLimit(name, value, strings)}</span>
                  {capability && (
                    <span className={`text-sm ${supportClass[capability.support]}`} title={capability.note}>
                      {text.support[capability.support]}
                    </span>
                  )}
                  {capability?.note !== undefined && <span className="text-sm text-faint">{capability.note}</span>}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </Section>
  );
}
