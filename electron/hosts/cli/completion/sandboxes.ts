import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import { createConnection } from '../../client/connection.ts';
import { shortId } from '../find-sandbox.ts';
import { plain } from '../output.ts';
import type { Candidate } from './candidates.ts';

/** Who waits for it has pressed a key. */
const PATIENCE_MS = 2000;

/** Of the host that runs. Never starts one: without it, or when it does not answer, there are none. */
export async function sandboxCandidates(): Promise<readonly Candidate[]> {
  const { client, close } = createConnection();
  try {
    const asked = client.sandboxes.list({}).then((all) => all.flatMap(candidatesOf));
    return await Promise.race([asked, sleep(PATIENCE_MS, [], { ref: false })]);
  } catch {
    return []; // nobody is told why: a shell shows nothing, then
  } finally {
    close();
  }
}

/** A name that a terminal would obey is not offered, nor one that the command itself would, like `--all`; its id is. */
function candidatesOf({ id, name, engine, state }: Sandbox): readonly Candidate[] {
  const about = `${engine}, ${state}`;
  const byId = { value: shortId(id), about: `${plain(name)}: ${about}` };
  const isHarmless = plain(name) === name && !name.startsWith('-');
  return isHarmless ? [{ value: name, about }, byId] : [byId];
}
