import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { Client } from '../client/connection.ts';

/** By its id, the beginning of its id, or its name. Throws `not_found`, or `conflict` when several are meant. */
export async function findSandbox(client: Client, given: string): Promise<Sandbox> {
  const all = await client.sandboxes.list({});
  const exact = all.filter(({ id, name }) => id === given || name === given);
  const found = exact.length > 0 ? exact : all.filter(({ id }) => given.length >= 3 && shortId(id).startsWith(given));
  const [first, ...others] = found;
  if (!first) {
    throw new AppError('not_found', `There is no sandbox “${given}”`, { hint: 'See what there is: terrarium ls' });
  }
  if (others.length > 0) {
    throw new AppError('conflict', `“${given}” is the name of ${found.length} sandboxes`, {
      hint: `Use an id: ${found.map(({ id }) => shortId(id)).join(', ')}`,
    });
  }
  return first;
}

/** What identifies it among those of one machine, and can be typed. */
export const shortId = (id: string): string => id.replace(/^sbx_/, '').slice(0, 12);
