import { useStrings } from '../../stores/page.ts';
import { Select } from '../../ui/field.tsx';
import { useLoaded } from './use-loaded.ts';

interface VersionSelectProps {
  readonly id: string;
  /** The current version's number: with another one, there may be more to choose. */
  readonly newest: number;
  /** Null: all of them. */
  readonly value: number | null;
  readonly onChange: (version: number | null) => void;
}

export function VersionSelect({ id, newest, value, onChange }: VersionSelectProps) {
  const text = useStrings().functions;
  const { value: versions } = useLoaded(`${id} ${newest}`, (client, signal) =>
    client.functions.versions({ id }, { signal }),
  );
  const numbers = (versions ?? []).map(({ version }) => version);
  return (
    <Select
      aria-label={text.figures.version}
      className="!w-36"
      value={value === null ? 'all' : String(value)}
      options={[
        { value: 'all', label: text.allVersions },
        ...numbers.map((number) => ({ value: String(number), label: text.versionLong(number) })),
      ]}
      onChange={(chosen) => onChange(chosen === 'all' ? null : Number(chosen))}
    />
  );
}
