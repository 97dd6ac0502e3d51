import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import { connect } from '../../client.ts';
import { homeFolder } from '../../home-folder.ts';
import { readState } from '../../server/state-file.ts';
import { shortId } from '../find-sandbox.ts';
import { plain } from '../output.ts';
import type { Candidate } from './candidates.ts';

/** Who waits for it has pressed a key. */
const PATIENCE_MS = 2000;

/** Of the host that runs. Never starts one: without it, or when it does not answer, there are none. */
export async function sandboxCandidates(): Promise<readonly Candidate[]> {
  const state = await readState(homeFolder());
  if (!state) return [];
  const asked = connect(state.port, state.token).then(async ({ client, close }) => {
    const all = await client.sandboxes.list({});
    close();
    return all.flatMap(candidatesOf);
  });
  try {
    return await Promise.race([asked, sleep(PATIENCE_MS, [], { ref: false })]);
  } catch {
    return []; // nobody is told why: a shell shows nothing, then
  }
}

/** A name that a terminal would obey is not offered, nor one that the command itself would, like `--all`; its id is. */
function candidatesOf({ id, name, engine, state }: Sandbox): readonly Candidate[] {
  const about = `${engine}, ${state}`;
  const byId = { value: shortId(id), about: `${plain(name)}: ${about}` };
  const isHarmless = plain(name) === name && !name.startsWith('-');
  return isHarmless ? [{ value: name, about }, byId] : [byId];
}
