import { z } from 'zod';
import { configSchema } from './config.ts';
import { quantityPattern, quantityWords } from './handwritten.ts';
import { limitNames, limitWords } from './limits.ts';

/** As much of JSON Schema (draft 2020-12) as the configuration's has. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly [more: string]: unknown;
}

/** The schema of the configuration file, for editors. */
export function configJsonSchema(): JsonSchema {
  return {
    ...toJsonSchema(configSchema),
    title: 'Terrarium’s configuration file, config.toml',
  };
}

function toJsonSchema(schema: z.core.$ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    // What `readHandwritten` does before a table is checked, see below.
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod;
      if (def.type !== 'pipe') return;
      const { $schema: _, ...read } = toJsonSchema((def as z.core.$ZodPipeDef).out);
      Object.assign(jsonSchema, read, { properties: handwritten(read.properties ?? {}) });
    },
  }) as JsonSchema;
}

/** What `readHandwritten` takes as well: sizes and times with their units, and a network by its mode alone. */
function handwritten(properties: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const about = limitNames.find((limit) => limit === name);
      const described = about === undefined ? schema : { description: `Limit of ${limitWords[about]}`, ...schema };
      const words = quantityWords(name);
      if (words !== undefined)
        return [name, either(described, { type: 'string', description: words, pattern: quantityPattern(name) })];
      return [name, name === 'network' ? either(described, { enum: ['none', 'loopback', 'full'] }) : described];
    }),
  );
}

/** The description is of both. */
function either({ description, ...first }: JsonSchema, second: JsonSchema): JsonSchema {
  return { ...(description === undefined ? {} : { description }), anyOf: [first, second] };
}

/** A value that the configuration can have. */
export interface ConfigKey {
  /** With dots, e.g. `engines.docker.limits.memoryBytes`. */
  readonly name: string;
  readonly about: string;
  readonly normal: unknown;
}

/** All of them; a table is none, but for `network`, which is one value. */
export function configKeys(): readonly ConfigKey[] {
  return keysBelow('', configJsonSchema());
}

function keysBelow(around: string, { properties = {} }: JsonSchema): readonly ConfigKey[] {
  return Object.entries(properties).flatMap(([step, schema]) => {
    const name = around === '' ? step : `${around}.${step}`;
    if (schema.properties) return keysBelow(name, schema);
    return [{ name, about: schema.description ?? '', normal: schema.default }];
  });
}

/** What may stand in a table of the configuration. */
export function configKeysIn(path: readonly string[]): readonly string[] {
  let schema: JsonSchema | undefined = configJsonSchema();
  for (const step of path) schema = schema?.properties?.[step];
  return Object.keys(schema?.properties ?? {});
}
