import { expect, it } from 'vitest';
import { z } from 'zod';
import './issue-words.ts';

const messageOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues[0]?.message;

it.each<[z.ZodType, unknown, string]>([
  [z.object({ name: z.string() }), {}, 'missing'],
  [z.string(), 1, 'expected text, not a number'],
  [z.number(), 'many', 'expected a number, not text'],
  [z.number(), Number.NaN, 'expected a number, not NaN'],
  [z.number(), Number.POSITIVE_INFINITY, 'expected a number, not Infinity'],
  [z.strictObject({}), { a: 1 }, 'there is no field “a”'],
  [z.int(), 1.5, 'expected a whole number'],
  [z.boolean(), null, 'expected true or false, not null'],
  [z.array(z.string()), {}, 'expected a list, not fields with names'],
  [z.object({}), true, 'expected fields with names, not true'],
  [z.enum(['tcp', 'udp']), 'icmp', 'expected one of tcp, udp'],
  [z.literal(1), 2, 'expected 1'],
  [
    z.discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })]),
    { type: 'c' },
    'expected one of a, b',
  ],
  [z.union([z.string(), z.number()]), [], 'in none of the forms that it may have'],
  [z.strictObject({}), { a: 1, b: 2 }, 'there are no fields “a”, “b”'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().max(3), 'four', 'at most 3 characters'],
  [z.array(z.string()).max(1), ['a', 'b'], 'at most 1 entry'],
  [z.number().min(5), 4, 'at least 5'],
  [z.number().positive(), 0, 'more than 0'],
  [z.string('said by the schema'), 1, 'said by the schema'],
])('case %#: says what is wrong in words', (schema, value, words) => {
  expect(messageOf(schema, value)).toBe(words);
});
