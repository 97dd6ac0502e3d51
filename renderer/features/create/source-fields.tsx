import { Autocomplete } from '@base-ui/react/autocomplete';
import { useEffect, useState } from 'react';
import type { Image } from '../../../shared/contract/images.ts';
import { formatBytes } from '../../../shared/units.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { controlClass, Field, TextField } from '../../ui/field.tsx';
import { menuItemClass, menuPopupClass } from '../../ui/menu-classes.ts';
import { ModuleField } from './module-field.tsx';
import { Pull } from './pull.tsx';
import type { FormHandle } from './use-form.ts';

export function SourceFields({ handle }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  const { form, capabilities, change, problem } = handle;
  const sources = capabilities?.sources ?? [];
  return (
    <>
      {sources.length > 1 && (
        <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
          <legend className="mb-1 text-sm font-medium text-dim">{strings.create.source}</legend>
          {sources.map((source) => (
            <label key={source} className="flex items-center gap-1.5">
              <input
                type="radio"
                name="source"
                checked={form.source === source}
                onChange={() => change({ source })}
                className="accent-accent-fill"
              />
              {strings.create.sources[source]}
            </label>
          ))}
        </fieldset>
      )}
      {form.source === 'image' && <ImageField handle={handle} />}
      {form.source === 'module' && <ModuleField handle={handle} />}
      {form.source === 'directory' && (
        <TextField
          label={strings.create.folder}
          value={form.folder}
          onChange={(folder) => change({ folder })}
          placeholder="/home/me/project"
          hint={strings.create.folderHint}
          error={problem('source')}
          mono
        />
      )}
    </>
  );
}

interface Choice {
  readonly value: string;
  readonly sizeBytes: number;
}

function choicesOf(images: readonly Image[]): readonly Choice[] {
  return images.flatMap(({ tags, sizeBytes }) => tags.map((tag) => ({ value: tag, sizeBytes })));
}

/** `debian` and `debian:latest` are one image. */
function isHere(reference: string, choices: readonly Choice[]): boolean {
  const full = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  return choices.some((choice) => choice.value === full);
}

function ImageField({ handle }: { readonly handle: FormHandle }) {
  const { connection, toasts } = usePage();
  const strings = useStrings();
  const { form, engine, change, problem, pulls, missingImage } = handle;
  const configured = engine?.configured?.image;
  const [choices, setChoices] = useState<readonly Choice[] | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `pulls` asks for the list again when one has come.
  useEffect(() => {
    const stop = new AbortController();
    connection.client.images
      .list({ engine: form.engine }, { signal: stop.signal })
      .then((images) => setChoices(choicesOf(images)))
      .catch((error) => {
        if (!stop.signal.aborted) toasts.error(error);
      });
    return () => stop.abort();
  }, [connection, toasts, form.engine, pulls]);

  const reference = form.image.trim();
  const [suggesting, setSuggesting] = useState(false);
  const suggestions = choices?.filter((choice) => choice.value.includes(reference)) ?? [];
  // Nothing to suggest once it is there in full.
  const isOpen = suggesting && suggestions.some((choice) => choice.value !== reference);
  const missing =
    choices !== null &&
    missingImage === null &&
    reference !== '' &&
    problem('source') === undefined &&
    !isHere(reference, choices);
  return (
    <div>
      <Field label={strings.create.image} error={problem('source')}>
        {({ id, describedBy, invalid }) => (
          <Autocomplete.Root
            mode="none"
            items={suggestions}
            open={isOpen}
            onOpenChange={setSuggesting}
            value={form.image}
            onValueChange={(image, { reason }) => {
              // Escape closes; what was typed stays.
              if (reason !== 'escape-key') change({ image });
            }}
            itemToStringValue={(choice: Choice) => choice.value}
            openOnInputClick
          >
            <Autocomplete.Input
              id={id}
              placeholder={
                configured === undefined ? strings.create.imagePlaceholder : strings.create.configured(configured)
              }
              aria-describedby={describedBy}
              aria-invalid={invalid || undefined}
              spellCheck={false}
              className={`${controlClass} font-mono text-sm`}
            />
            <Autocomplete.Portal>
              <Autocomplete.Positioner sideOffset={4} className="z-[55]">
                <Autocomplete.Popup className={`${menuPopupClass} w-[var(--anchor-width)] max-h-64`}>
                  <Autocomplete.List>
                    {(choice: Choice) => (
                      <Autocomplete.Item key={choice.value} value={choice} className={menuItemClass}>
                        <span className="min-w-0 flex-1 truncate font-mono text-sm" title={choice.value}>
                          {choice.value}
                        </span>
                        <span className="text-xs text-faint">{formatBytes(choice.sizeBytes)}</span>
                      </Autocomplete.Item>
                    )}
                  </Autocomplete.List>
                </Autocomplete.Popup>
              </Autocomplete.Positioner>
            </Autocomplete.Portal>
          </Autocomplete.Root>
        )}
      </Field>
      {missing && (
        <Pull key={`${form.engine} ${reference}`} engine={form.engine} reference={reference} onDone={handle.pulled} />
      )}
    </div>
  );
}
