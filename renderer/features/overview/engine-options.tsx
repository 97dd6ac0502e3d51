import type { SandboxSpec } from '../../../shared/model/spec.ts';
import { useStrings } from '../../stores/page.ts';
import { Fact, Section } from './section.tsx';

/** What was asked for that only some engines know: a user namespace, rules for files, a virtualenv. */
export function EngineOptions({ spec: { engine, userns, filesystem, python } }: { readonly spec: SandboxSpec }) {
  const strings = useStrings();
  const text = strings.create;
  return (
    <>
      {python && (
        <Section title={engine === 'wasm' ? text.packages : text.python}>
          <dl>
            {python.interpreter !== undefined && (
              <Fact label={text.interpreter} mono>
                {python.interpreter}
              </Fact>
            )}
            <Paths label={text.packages} paths={python.packages} />
            {python.indexUrl !== undefined && <Paths label={text.indexUrl} paths={[python.indexUrl]} />}
            {python.wheels !== undefined && <Paths label={text.wheels} paths={[python.wheels]} />}
            {engine !== 'wasm' && (
              <>
                <YesNo label={text.systemSitePackages} yes={python.systemSitePackages} />
                <YesNo label="pip" yes={python.pip} />
              </>
            )}
          </dl>
        </Section>
      )}
      {filesystem && (
        <Section title={text.files}>
          <dl>
            <Paths label={text.filesReadOnly} paths={filesystem.readOnly} />
            <Paths label={text.filesReadWrite} paths={filesystem.readWrite} />
            <Paths label={text.filesDenied} paths={filesystem.denied} />
            <YesNo label={strings.engines.features.overlay} yes={filesystem.overlay} />
          </dl>
        </Section>
      )}
      {userns !== undefined && (
        <Section title={text.userns}>
          <p>
            {userns} <span className="text-faint">{text.usernsHints[userns]}</span>
          </p>
        </Section>
      )}
    </>
  );
}

function Paths({ label, paths }: { readonly label: string; readonly paths: readonly string[] }) {
  if (paths.length === 0) return null;
  return (
    <Fact label={label} mono>
      <ul>
        {paths.map((path) => (
          <li key={path}>{path}</li>
        ))}
      </ul>
    </Fact>
  );
}

function YesNo({ label, yes }: { readonly label: string; readonly yes: boolean }) {
  const text = useStrings().overview;
  return <Fact label={label}>{yes ? text.yes : text.no}</Fact>;
}
