import type { Capabilities, Capability } from '../../shared/model/engine.ts';
import { useStrings } from '../stores/page.ts';
import { supportLooks } from './support-mark.tsx';

/** What an engine holds, tries, and cannot, with the reasons: its capabilities, one by one. */
export function EngineCard({ capabilities }: { readonly capabilities: Capabilities }) {
  const strings = useStrings();
  const { limits, network, profiles, features } = capabilities;
  const text = strings.engines;
  return (
    <div className="columns-[15rem] gap-x-5">
      <Group title={strings.overview.limits} names={strings.overview.limitNames} capabilities={limits} />
      <Group title={strings.overview.network} names={strings.overview.networks} capabilities={network} />
      <Group title={strings.overview.profile} names={strings.overview.profiles} capabilities={profiles} />
      <Group title={text.featuresTitle} names={text.features} capabilities={features} />
    </div>
  );
}

interface GroupProps<K extends string> {
  readonly title: string;
  readonly names: Readonly<Record<K, string>>;
  readonly capabilities: Readonly<Record<K, Capability>>;
}

function Group<K extends string>({ title, names, capabilities }: GroupProps<K>) {
  const strings = useStrings();
  const order = Object.keys(supportLooks);
  const keys = (Object.keys(capabilities) as K[]).toSorted(
    (a, b) => order.indexOf(capabilities[a].support) - order.indexOf(capabilities[b].support),
  );
  return (
    <section className="mb-3 min-w-0 break-inside-avoid-column">
      <h4 className="mb-1 text-sm font-semibold text-dim">{title}</h4>
      <ul className="text-sm">
        {keys.map((key) => {
          const { support, note } = capabilities[key];
          const { Icon, color } = supportLooks[support];
          return (
            <li key={key} className="flex items-baseline gap-1.5 py-px">
              <Icon size={12} aria-hidden="true" className={`shrink-0 translate-y-0.5 ${color}`} />
              <span className="min-w-0 [overflow-wrap:anywhere]">
                <span className={support === 'unsupported' ? 'text-dim' : ''}>{names[key]}</span>
                <span className="sr-only">: {strings.overview.support[support]}</span>
                {note !== undefined && <span className="text-xs text-faint"> {note}</span>}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
