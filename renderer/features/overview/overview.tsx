import { capabilitiesFor } from '../../../shared/model/capabilities-for.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { formatAge, formatDuration } from '../../../shared/units.ts';
import { CopyButton } from '../../entities/copy-button.tsx';
import { sourceText } from '../../entities/source-text.ts';
import { useNow } from '../../entities/use-now.ts';
import { useRuntime } from '../../entities/use-runtime.ts';
import { joinCommand } from '../../lib/command-line.ts';
import { formatMoment } from '../../lib/moment.ts';
import { useHost, usePreference, useStrings } from '../../stores/page.ts';
import { EngineOptions } from './engine-options.tsx';
import { ExitDescription } from './exit.tsx';
import { Limits } from './limits.tsx';
import { Module } from './module.tsx';
import { Now } from './now.tsx';
import { Fact, Section } from './section.tsx';
import { Snapshots } from './snapshots.tsx';

function Time({ at }: { readonly at: number | null }) {
  const strings = useStrings();
  const language = usePreference((state) => state.language);
  const now = useNow();
  if (at === null) return <span className="text-faint">{strings.overview.never}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={strings.list.age(formatAge(now - at))}>
      {formatMoment(at, language)}
    </time>
  );
}

export function Overview({ sandbox }: { readonly sandbox: Sandbox }) {
  const strings = useStrings();
  const text = strings.overview;
  const { spec } = sandbox;
  const engine = useHost((state) => state.engines?.find(({ kind }) => kind === sandbox.engine));
  const canSave = spec && engine && capabilitiesFor(engine, spec.runtime)?.features.snapshots.support === 'enforced';
  return (
    <div className="h-full overflow-y-auto p-3">
      <div className="mx-auto grid max-w-6xl grid-cols-[repeat(auto-fit,minmax(min(24rem,100%),1fr))] items-start gap-3">
        {(sandbox.state === 'running' || sandbox.state === 'paused') && <Now sandbox={sandbox} />}
        <General sandbox={sandbox} />
        <div className="flex min-w-0 flex-col gap-3">
          {spec && <Limits spec={spec} />}
          {spec && <EngineOptions spec={spec} />}
          {spec?.source.type === 'module' && <Module sandbox={sandbox} />}
          {canSave && <Snapshots sandbox={sandbox} />}
          <Ports sandbox={sandbox} />
        </div>
        {spec && spec.mounts.length > 0 && (
          <Section title={text.mounts}>
            <ul>
              {spec.mounts.map((mount) => (
                <li key={mount.path} className="flex flex-wrap items-baseline gap-x-2 font-mono text-sm">
                  <span className="[overflow-wrap:anywhere]">
                    {mount.hostPath} → {mount.path}
                  </span>
                  <span className="font-sans text-xs text-faint">
                    {mount.readOnly ? text.readOnly : text.readWrite}
                  </span>
                </li>
              ))}
            </ul>
          </Section>
        )}
        {spec && Object.keys(spec.env).length > 0 && <Pairs title={text.env} pairs={spec.env} />}
        {spec && Object.keys(spec.labels).length > 0 && <Pairs title={text.labels} pairs={spec.labels} />}
        {sandbox.foreign && <p className="text-dim">{text.foreign}</p>}
      </div>
    </div>
  );
}

function General({ sandbox }: { readonly sandbox: Sandbox }) {
  const strings = useStrings();
  const engine = useHost((state) => state.engines?.find((report) => report.kind === sandbox.engine));
  const isolation = engine && capabilitiesFor(engine, sandbox.spec?.runtime)?.isolation;
  const runtime = useRuntime(sandbox);
  const text = strings.overview;
  const { spec } = sandbox;
  return (
    <Section title={text.general}>
      <dl>
        <Fact label={text.engine}>
          {strings.engines.names[sandbox.engine]} {engine?.version}
          {runtime && ` · ${runtime.title}`}
          {isolation && (
            <span className={isolation === 'none' ? 'text-warn' : 'text-faint'}>
              {' '}
              · {strings.engines.isolation[isolation]}
            </span>
          )}
        </Fact>
        {runtime && <Fact label={strings.create.runtime}>{runtime.tradeOff}</Fact>}
        <Fact label={text.source}>
          {spec?.source.type === 'module' ? spec.source.path : sourceText(sandbox, strings)}
        </Fact>
        {spec && (
          <>
            <Fact label={text.command} mono={spec.command !== undefined}>
              {spec.command ? (
                joinCommand(spec.command)
              ) : (
                <span className="text-faint">{spec.source.type === 'image' ? text.imageCommand : text.noCommand}</span>
              )}
            </Fact>
            {spec.workdir !== undefined && (
              <Fact label={text.workdir} mono>
                {spec.workdir}
              </Fact>
            )}
            <Fact label={text.profile}>{text.profiles[spec.profile]}</Fact>
            <Fact label={text.network}>
              {text.networks[spec.network.mode]}
              {spec.network.mode === 'allowlist' && `: ${spec.network.hosts.join(', ')}`}
            </Fact>
            {spec.ttlMs !== undefined && <Fact label={text.ttl}>{formatDuration(spec.ttlMs)}</Fact>}
          </>
        )}
        {sandbox.workspace !== null && (
          <Fact label={text.workspace}>
            <span className="flex items-start gap-1">
              <code className="min-w-0 flex-1 pt-0.5 font-mono text-sm">{sandbox.workspace}</code>
              <CopyButton label={text.copyWorkspace} text={() => sandbox.workspace ?? ''} />
            </span>
          </Fact>
        )}
        <Fact label={text.created}>
          <Time at={sandbox.createdAt} />
        </Fact>
        <Fact label={text.started}>
          <Time at={sandbox.startedAt} />
        </Fact>
        {sandbox.stoppedAt !== null && (
          <Fact label={text.stopped}>
            <Time at={sandbox.stoppedAt} />
          </Fact>
        )}
        {sandbox.exit && (
          <Fact label={text.exit}>
            <ExitDescription sandbox={sandbox} exit={sandbox.exit} />
          </Fact>
        )}
        {sandbox.generation > 1 && <Fact label={text.generation}>{sandbox.generation - 1}</Fact>}
        <Fact label={text.id}>
          <span className="flex items-start gap-1">
            <code className="min-w-0 flex-1 pt-0.5 font-mono text-sm">{sandbox.id}</code>
            <CopyButton label={text.copyId} text={() => sandbox.id} />
          </span>
        </Fact>
      </dl>
    </Section>
  );
}

function Ports({ sandbox }: { readonly sandbox: Sandbox }) {
  const text = useStrings().overview;
  return (
    <Section title={text.ports}>
      {sandbox.ports.length === 0 && <p className="text-faint">{text.noPorts}</p>}
      <ul>
        {sandbox.ports.map((binding) => {
          // An address for every interface is reached over loopback from here.
          const host = ['0.0.0.0', '::', ''].includes(binding.hostIp) ? '127.0.0.1' : binding.hostIp;
          const address = `${host.includes(':') ? `[${host}]` : host}:${binding.hostPort}`;
          return (
            <li key={`${binding.protocol} ${binding.hostIp} ${binding.hostPort}`} className="flex flex-wrap gap-x-2">
              {binding.protocol === 'tcp' ? (
                <a
                  href={`http://${address}`}
                  target="_blank"
                  rel="noopener noreferrer"
                  className="text-accent underline underline-offset-2"
                >
                  http://{address}
                </a>
              ) : (
                <span>{address}</span>
              )}
              <span className="text-faint">{text.portInside(binding.port, binding.protocol)}</span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Pairs({ title, pairs }: { readonly title: string; readonly pairs: Readonly<Record<string, string>> }) {
  return (
    <Section title={title}>
      <dl>
        {Object.entries(pairs).map(([name, value]) => (
          <div key={name} className="font-mono text-sm [overflow-wrap:anywhere]">
            <dt className="inline text-dim">{name}=</dt>
            <dd className="inline">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
