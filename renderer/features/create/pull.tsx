import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { PullItem } from '../../../shared/contract/images.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import { formatBytes } from '../../../shared/units.ts';
import { CopyButton } from '../../entities/copy-button.tsx';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';

/** Engines whose command pulls images. */
const cli: ReadonlySet<EngineKind> = new Set(['docker', 'podman']);

type Layer = Extract<PullItem, { type: 'layer' }>;

interface PullProps {
  readonly engine: EngineKind;
  readonly reference: string;
  readonly onDone: () => void;
}

/** Offers to fetch an image that is not here, shows each layer's way, and can be cancelled. */
export function Pull({ engine, reference, onDone }: PullProps) {
  const { connection } = usePage();
  const strings = useStrings();
  const command = `${engine} pull ${reference}`;
  const [layers, setLayers] = useState<ReadonlyMap<string, Layer> | null>(null);
  const [message, setMessage] = useState('');
  const [error, setError] = useState<AppError | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  async function pull(): Promise<void> {
    const current = new AbortController();
    stop.current = current;
    setError(null);
    setLayers(new Map());
    try {
      for await (const item of await connection.client.images.pull({ engine, reference }, { signal: current.signal })) {
        if (item.type === 'layer') setLayers((before) => new Map(before).set(item.layer, item));
        else if (item.type === 'status') setMessage(item.message);
        else onDone();
      }
    } catch (failure) {
      if (!current.signal.aborted) setError(toAppError(failure));
    }
    if (stop.current === current) setLayers(null);
  }

  return (
    <div className="mt-2 min-w-0 rounded-lg border border-line bg-raised p-2.5">
      {layers === null ? (
        <div className="flex flex-wrap items-center justify-between gap-2">
          <span className="text-dim">{strings.create.pullOffer}</span>
          <Button icon={<Download size={14} aria-hidden="true" />} className="max-w-full" onClick={() => void pull()}>
            <span className="truncate">{strings.create.pull(reference)}</span>
          </Button>
        </div>
      ) : (
        <>
          <div className="flex items-center justify-between gap-2">
            <span role="status" className="min-w-0 truncate font-medium" title={reference}>
              {strings.create.pulling(reference)}
            </span>
            <Button onClick={() => stop.current?.abort()}>{strings.create.cancelPull}</Button>
          </div>
          <p className="truncate text-sm text-faint">{message}</p>
          <ul className="mt-1 max-h-40 overflow-y-auto">
            {[...layers.values()].map((layer) => (
              <LayerRow key={layer.layer} layer={layer} />
            ))}
          </ul>
        </>
      )}
      {cli.has(engine) && layers === null && (
        <p className="mt-1 flex min-w-0 items-center gap-1.5 text-sm text-faint">
          {strings.create.pullCommand}
          <code className="min-w-0 truncate font-mono" title={command}>
            {command}
          </code>
          <CopyButton label={strings.app.copy} text={() => command} small />
        </p>
      )}
      {error && <ErrorNote message={error.message} hint={error.hint} />}
    </div>
  );
}

function LayerRow({ layer }: { readonly layer: Layer }) {
  const strings = useStrings();
  const { currentBytes, totalBytes, status } = layer;
  const known = currentBytes !== null && totalBytes !== null && totalBytes > 0;
  return (
    <li className="grid grid-cols-[7rem_1fr_9rem] items-center gap-2 py-0.5 text-xs">
      <code className="truncate font-mono">{layer.layer}</code>
      <progress
        aria-label={strings.create.layer(layer.layer)}
        value={known ? currentBytes : undefined}
        max={known ? totalBytes : undefined}
        className="h-1.5 w-full accent-accent-fill"
      />
      <span className="truncate text-right text-dim tabular-nums" title={status}>
        {known ? `${formatBytes(currentBytes)} / ${formatBytes(totalBytes)}` : status}
      </span>
    </li>
  );
}
