import { JsonSchemaCoercer } from '@orpc/json-schema';
import type { Context } from '@orpc/server';
import type { StandardHandlerOptions, StandardHandlerPlugin } from '@orpc/server/standard';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';

type Schema = Parameters<JsonSchemaCoercer['coerce']>[0];

/**
 * Reads the numbers and truth values of a query and of a path, where all is text. oRPC's own plugin does the same to
 * JSON bodies, where it would take `"512"` for a number and a list for a table.
 */
export function createCoercion<T extends Context>(): StandardHandlerPlugin<T> {
  const converter = new ZodToJsonSchemaConverter();
  const coercer = new JsonSchemaCoercer();
  const schemas = new WeakMap<object, Schema>();
  return {
    init(options: StandardHandlerOptions<T>) {
      options.clientInterceptors ??= [];
      options.clientInterceptors.unshift(async (call) => {
        const { inputSchema, route } = call.procedure['~orpc'];
        if (!inputSchema || typeof call.input !== 'object' || call.input === null) return call.next();
        let schema = schemas.get(inputSchema);
        if (!schema) {
          [, schema] = await converter.convert(inputSchema, { strategy: 'input' });
          schemas.set(inputSchema, schema);
        }
        const coerced = coercer.coerce(schema, call.input) as Record<string, unknown>;
        if (route.method === 'GET') return call.next({ ...call, input: coerced });
        const inPath = [...(route.path ?? '').matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, coerced[name]]);
        return call.next({ ...call, input: { ...call.input, ...Object.fromEntries(inPath) } });
      });
    },
  };
}
