import { Command } from '@commander-js/extra-typings';
import { AppError, isAppError, toErrorData } from '../../../../shared/model/error.ts';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import { formatAge } from '../../../../shared/units.ts';
import type { Client } from '../../client/connection.ts';
import { confirm, forceOption, requireAnswer } from '../confirm.ts';
import type { Context } from '../context.ts';
import { failureOf, tellFailure } from '../failure.ts';
import { type Fits, filterOption, fitsAll } from '../filter.ts';
import { shortId } from '../find-sandbox.ts';
import { createReport, onEach } from '../on-each.ts';
import { plain } from '../output.ts';
import { duration } from '../spec-options.ts';

interface Found {
  readonly sandbox: Sandbox;
  /** When it came to its state, as far as that is known; null of one that failed nobody knows when. */
  readonly since: number | null;
}

/** Null unless it is Terrarium's (what others have made is removed by its name only) and fits. */
async function look(client: Client, sandbox: Sandbox, { fits, before }: Choice): Promise<Found | null> {
  if (sandbox.foreign || !fits(sandbox)) return null;
  const since = await sinceWhen(client, sandbox);
  return before === undefined || (since !== null && since <= before) ? { sandbox, since } : null;
}

/** A start that fails leaves the times of the run before as they were: only the events say when it failed. */
async function sinceWhen(
  client: Client,
  { id, state, createdAt, startedAt, stoppedAt }: Sandbox,
): Promise<number | null> {
  const known = Math.max(createdAt, startedAt ?? 0, stoppedAt ?? 0);
  if (state !== 'error') return known;
  const events = await client.events.list({ sandboxId: id });
  const failure = events.find(({ type }) => type === 'error' || type === 'create_failed');
  return failure ? Math.max(known, failure.at) : null;
}

function about({ sandbox, since }: Found): string {
  const age = since === null ? '' : ` for ${formatAge(Date.now() - since)}`;
  return `${plain(sandbox.name)} (${shortId(sandbox.id)}, ${sandbox.engine}, ${sandbox.state}${age})`;
}

interface Choice {
  readonly fits: Fits;
  /** Only those that are known to have come to their state by then, in milliseconds since the epoch. */
  readonly before?: number | undefined;
}

async function choose(client: Client, choice: Choice): Promise<readonly Found[]> {
  const all = await client.sandboxes.list({});
  const looked = await Promise.all(all.map((sandbox) => look(client, sandbox, choice)));
  return looked.filter((found) => found !== null);
}

interface Removed {
  readonly removed: (removed: Found, keptWorkspace: string | null) => void;
  readonly failed: (sandbox: Pick<Sandbox, 'id' | 'name'>, error: unknown) => void;
}

interface Removal {
  readonly force: boolean;
  readonly keepWorkspace: boolean;
  /** Still so when its turn comes: somebody may have started it meanwhile. */
  readonly choice: Choice;
}

/** Asks once for all, then removes one after another; one that fails does not keep the others from it. Nothing is told of one that is gone already. */
async function removeAll(
  client: Client,
  found: readonly Found[],
  { force, keepWorkspace, choice }: Removal,
  signal: AbortSignal,
  { removed, failed }: Removed,
): Promise<void> {
  if (found.length > 0 && !force) {
    const what = found.length === 1 ? 'this sandbox' : `these ${found.length} sandboxes`;
    const lost = keepWorkspace ? '' : ' and what Terrarium keeps of their files';
    await confirm(`${found.map(about).join('\n')}\nDestroy ${what}${lost}?`, signal);
  }
  for (const { id, name } of found.map(({ sandbox }) => sandbox)) {
    signal.throwIfAborted();
    try {
      const still = await look(client, await client.sandboxes.get({ id }), choice);
      if (still === null) continue;
      removed(still, (await client.sandboxes.destroy({ id, keepWorkspace })).keptWorkspace);
    } catch (error) {
      // Somebody else was faster.
      if (isAppError(failureOf(error), 'not_found')) continue;
      failed({ id, name }, error);
    }
  }
}

export function removeCommand({ run }: Context) {
  return new Command('rm')
    .description('destroy sandboxes with all that runs in them')
    .argument('[sandbox...]', 'names, or ids or the beginnings of them')
    .option('--all', 'all that Terrarium has made')
    .addOption(filterOption)
    .addOption(forceOption)
    .option('--keep-workspace', 'moves the workspace aside and says where')
    .option('--foreign', 'also what Terrarium has not made, by its name or id only')
    .addHelpText(
      'after',
      `
Those of --all or --filter are shown, and it asks before they are destroyed; where there is no terminal it takes --force.

Examples:
  terrarium rm web worker
  terrarium rm --filter label=ci --filter state=stopped
  terrarium rm --all --force`,
    )
    .action((given, { all = false, filter, force = false, keepWorkspace = false, foreign = false }) => {
      const byFilter = all || filter !== undefined;
      if (byFilter && given.length > 0) {
        throw new AppError('invalid_input', 'Sandboxes are removed by name, or with --all or --filter: not both');
      }
      if (!byFilter && given.length === 0) {
        throw new AppError('invalid_input', 'Which sandboxes are to be removed is missing', {
          hint: 'Give names or ids, or --all or --filter.',
        });
      }
      if (byFilter && foreign) {
        throw new AppError('invalid_input', '--foreign goes with names or ids only', {
          hint: 'What others have made is never removed by --all or --filter.',
        });
      }
      if (byFilter) requireAnswer(force);
      return run(async (client, output, signal) => {
        if (byFilter) {
          const choice = { fits: fitsAll(filter) };
          const report = createReport(output);
          const found = await choose(client, choice);
          try {
            await removeAll(client, found, { force, keepWorkspace, choice }, signal, {
              removed: ({ sandbox }, keptWorkspace) => report.done(destroyed(sandbox, keptWorkspace)),
              failed: ({ id }, error) => report.failed(id, error),
            });
          } finally {
            report.end();
          }
          return report.code();
        }
        const remove = async (sandbox: Sandbox) => {
          const how = { id: sandbox.id, keepWorkspace, confirmForeign: foreign };
          return destroyed(sandbox, (await client.sandboxes.destroy(how)).keptWorkspace);
        };
        return onEach(client, given, remove, output);
      });
    });
}

const destroyed = ({ id, name }: Sandbox, keptWorkspace: string | null) =>
  ({ sandbox: { id, name, state: 'destroyed' }, keptWorkspace }) as const;

/** At rest: what runs, is paused, was never started, or is only lost sight of stays. */
const AT_REST = new Set<Sandbox['state']>(['stopped', 'error']);

export function pruneCommand({ run }: Context) {
  return new Command('prune')
    .description('destroy sandboxes that have ended or failed')
    .option('--dry-run', 'only says what would be removed')
    .option('--older-than <time>', 'only those that ended or failed so long ago, e.g. 7d', duration)
    .addOption(filterOption)
    .addOption(forceOption)
    .addHelpText(
      'after',
      `
Only sandboxes that Terrarium has made and that are stopped or in error are removed, with what Terrarium keeps of their
files; what runs, is paused, was never started or is lost stays, and so does a folder of yours that one worked on.
It shows them and asks; where there is no terminal it takes --force. With --older-than, one that has failed counts from
its failure, and stays when nobody knows when that was.

Examples:
  terrarium prune --dry-run
  terrarium prune --older-than 7d --force
  terrarium prune --filter engine=docker --filter 'name=ci-*'`,
    )
    .action(({ dryRun = false, olderThan, filter, force = false }) => {
      if (!dryRun) requireAnswer(force);
      return run(async (client, output, signal) => {
        const fitsFilter = fitsAll(filter);
        const choice: Choice = {
          fits: (sandbox) => AT_REST.has(sandbox.state) && fitsFilter(sandbox),
          before: olderThan === undefined ? undefined : Date.now() - olderThan,
        };
        const found = await choose(client, choice);
        const removed: Found[] = dryRun ? [...found] : [];
        const say = (one: Found) => {
          if (!output.json) output.line(`${dryRun ? 'would remove' : 'removed'} ${about(one)}`);
        };
        if (dryRun) found.forEach(say);
        const failed: object[] = [];
        let code = 0;
        try {
          if (!dryRun)
            await removeAll(client, found, { force, keepWorkspace: false, choice }, signal, {
              removed(one) {
                removed.push(one);
                say(one);
              },
              failed({ id, name }, error) {
                failed.push({ id, name, error: toErrorData(failureOf(error)) });
                code = tellFailure(error);
              },
            });
        } finally {
          const told = removed.map(({ sandbox: { id, name, engine, state } }) => ({ id, name, engine, state }));
          if (output.json) output.value({ dryRun, removed: told, failed });
        }
        if (!output.json && removed.length === 0 && code === 0) output.line('There is nothing to remove.');
        return code;
      });
    });
}
