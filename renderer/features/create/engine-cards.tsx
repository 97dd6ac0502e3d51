import { useId } from 'react';
import type { Capabilities, EngineReport } from '../../../shared/model/engine.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import { EngineIcon } from '../../entities/engine-icon.tsx';
import { useStrings } from '../../stores/page.ts';
import { classes } from '../../ui/classes.ts';

interface EngineCardsProps {
  readonly engines: readonly EngineReport[];
  readonly value: EngineKind;
  /** Of the engine that is chosen, with the runtime that is chosen. */
  readonly capabilities: Capabilities | undefined;
  readonly onChange: (kind: EngineKind) => void;
}

/** The engines to choose from; one that is not here says why and how to get it. */
export function EngineCards({ engines, value, capabilities, onChange }: EngineCardsProps) {
  const strings = useStrings();
  const group = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium text-dim">{strings.create.engine}</legend>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(12rem,1fr))] gap-2">
        {engines
          .toSorted((a, b) => Number(b.status === 'available') - Number(a.status === 'available'))
          .map((engine) => {
            const id = `${group}-${engine.kind}`;
            const available = engine.status === 'available';
            const chosen = engine.kind === value;
            const { isolation } = (chosen ? capabilities : undefined) ?? engine.capabilities;
            return (
              <label
                key={engine.kind}
                className={classes(
                  'relative flex gap-2 rounded-lg border p-2.5 has-focus-visible:outline-2 has-focus-visible:outline-accent',
                  chosen ? 'border-accent bg-selected' : 'border-line-strong bg-raised',
                  available && !chosen && 'hover:bg-hover',
                )}
              >
                <input
                  type="radio"
                  name={group}
                  value={engine.kind}
                  checked={chosen}
                  disabled={!available}
                  aria-labelledby={`${id}-name`}
                  aria-describedby={`${id}-about`}
                  onChange={() => onChange(engine.kind)}
                  className="absolute inset-0 appearance-none"
                />
                <span className={classes('mt-0.5', available ? 'text-accent' : 'text-faint')}>
                  <EngineIcon kind={engine.kind} size={16} />
                </span>
                <span className="min-w-0">
                  <span id={`${id}-name`} className={classes('font-semibold', !available && 'text-dim')}>
                    {strings.engines.names[engine.kind]}
                  </span>
                  <span id={`${id}-about`} className="block text-xs text-dim [overflow-wrap:anywhere]">
                    {available ? (
                      <>
                        {engine.version !== null && `${engine.version} · `}
                        <span className={isolation === 'none' ? 'text-warn' : ''}>
                          {strings.engines.isolation[isolation]}
                        </span>
                      </>
                    ) : (
                      <>
                        <span className="block font-medium">
                          {strings.engines.status[engine.status]}
                          {engine.reason === null ? '' : `: ${engine.reason}`}
                        </span>
                        {engine.hint}
                      </>
                    )}
                  </span>
                </span>
              </label>
            );
          })}
      </div>
    </fieldset>
  );
}
