import { Command } from '@commander-js/extra-typings';
import { applyChanges } from '../../../../shared/contract/sandbox-changes.ts';
import type { SamplePoint, SandboxPoint } from '../../../../shared/model/sample.ts';
import type { Sandbox } from '../../../../shared/model/sandbox.ts';
import { formatBytes, formatCores } from '../../../../shared/units.ts';
import type { Client } from '../../client/connection.ts';
import type { Context } from '../context.ts';
import { findSandbox, shortId } from '../find-sandbox.ts';
import { type Output, plain, table } from '../output.ts';
import { openScreen } from '../screen.ts';

const INTERVAL_MS = 1000;
/** Readings that a rate is made of. */
const READINGS = 2;
/** Longer than two readings take: what has none by then has none at all. */
const PATIENCE_MS = 6 * INTERVAL_MS;

const NOT_MEASURED = '–';

interface Row {
  readonly sandbox: Sandbox;
  readonly point: SamplePoint | null;
}

type IsChosen = (sandbox: Sandbox) => boolean;

const cell = (value: number | null, format: (value: number) => string) =>
  value === null ? NOT_MEASURED : format(value);
const pair = (one: number | null, other: number | null) => `${cell(one, formatBytes)} / ${cell(other, formatBytes)}`;

function figures({ sandbox, point }: Row): readonly string[] {
  const first = [shortId(sandbox.id), plain(sandbox.name), sandbox.state];
  if (!point) return [...first, ...Array<string>(5).fill(NOT_MEASURED)];
  const { diskReadBytesPerSecond, diskWriteBytesPerSecond, networkRxBytesPerSecond, networkTxBytesPerSecond } = point;
  return [
    ...first,
    cell(point.cpuCores, formatCores),
    pair(point.memoryBytes, point.memoryLimitBytes),
    pair(networkRxBytesPerSecond, networkTxBytesPerSecond),
    pair(diskReadBytesPerSecond, diskWriteBytesPerSecond),
    cell(point.pids, String),
  ];
}

function draw(rows: readonly Row[], { columns }: Output): string {
  const head = ['ID', 'NAME', 'STATE', 'CPU', 'MEMORY / LIMIT', 'NET IN / OUT', 'DISK READ / WRITE', 'PIDS'];
  const drawn = table(head, rows.map(figures));
  // Programs that read the table get the table alone.
  return columns === undefined
    ? drawn
    : `${drawn}\n\n${NOT_MEASURED}  not measured by its engine, no limit, or not running`;
}

const record = ({ sandbox: { id, name, engine, state }, point }: Row) => ({
  sandboxId: id,
  name,
  engine,
  state,
  point,
});

function rowsOf(
  sandboxes: Iterable<Sandbox>,
  points: ReadonlyMap<string, SamplePoint>,
  isChosen: IsChosen,
): readonly Row[] {
  return [...sandboxes]
    .filter(isChosen)
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .map((sandbox) => ({
      sandbox,
      point: sandbox.state === 'running' ? (points.get(sandbox.id) ?? null) : null,
    }));
}

/** Live points of all sandboxes, without those of before. */
async function* livePoints(client: Client, signal: AbortSignal): AsyncGenerator<SandboxPoint> {
  let isHistory = true;
  for await (const points of await client.monitor.watchAll({ intervalMs: INTERVAL_MS }, { signal })) {
    if (!isHistory) yield* points;
    isHistory = false;
  }
}

/** The newest point of each of the running ones, with rates over about a second. */
async function measureOnce(
  client: Client,
  sandboxes: readonly Sandbox[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SamplePoint>> {
  const points = new Map<string, SamplePoint>();
  const missing = new Map(sandboxes.filter(({ state }) => state === 'running').map(({ id }) => [id, READINGS]));
  if (missing.size === 0) return points;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    for await (const { sandboxId, point } of livePoints(client, AbortSignal.any([signal, patience]))) {
      points.set(sandboxId, point);
      const left = (missing.get(sandboxId) ?? 0) - 1;
      if (left > 0) missing.set(sandboxId, left);
      else missing.delete(sandboxId);
      if (missing.size === 0) break;
    }
  } catch (error) {
    if (!patience.aborted || signal.aborted) throw error;
  }
  return points;
}

async function watchStats(client: Client, isChosen: IsChosen, output: Output, signal: AbortSignal): Promise<void> {
  const points = new Map<string, SamplePoint>();
  let byId: ReadonlyMap<string, Sandbox> = new Map((await client.sandboxes.list({})).map((each) => [each.id, each]));
  const screen = openScreen(output);
  const failed = new AbortController();
  const end = AbortSignal.any([signal, failed.signal]);
  const followList = async () => {
    for await (const change of await client.sandboxes.watch({}, { signal: end })) byId = applyChanges(byId, [change]);
  };
  const followPoints = async () => {
    for await (const { sandboxId, point } of livePoints(client, end)) {
      const sandbox = byId.get(sandboxId);
      if (!sandbox || !isChosen(sandbox)) continue;
      points.set(sandboxId, point);
      if (output.json) output.record(record({ sandbox, point }));
      else screen.draw(draw(rowsOf(byId.values(), points, isChosen), output));
    }
  };
  try {
    if (!output.json) screen.draw(draw(rowsOf(byId.values(), points, isChosen), output));
    await Promise.all([followList(), followPoints()]);
  } finally {
    failed.abort();
    screen.close();
  }
}

export function statsCommand({ run }: Context) {
  return new Command('stats')
    .description('what sandboxes use: CPU, memory, network, disk, processes')
    .argument('[sandbox...]', 'names, or ids or the beginnings of them; all that run when missing')
    .option('-a, --all', 'also those that Terrarium has not made')
    .option('-w, --watch', 'again every second, until Ctrl+C')
    .addHelpText(
      'after',
      `
CPU is in percent of one core; network and disk are bytes in a second. A dash is what the engine does not measure.
Without --watch it takes two seconds, as rates are made of two readings. With --watch --json each line is one reading
of one sandbox.

Examples:
  terrarium stats
  terrarium stats --watch web worker
  terrarium stats --json | jq '.[] | {name, memory: .point.memoryBytes}'`,
    )
    .action((given, { all = false, watch = false }) =>
      run(async (client, output, signal) => {
        const ids = new Set<string>();
        for (const each of given) ids.add((await findSandbox(client, each)).id);
        const isChosen: IsChosen = ({ id, foreign, state }) =>
          ids.size > 0 ? ids.has(id) : state === 'running' && (all || !foreign);
        if (watch) {
          await watchStats(client, isChosen, output, signal);
          return undefined;
        }
        const sandboxes = (await client.sandboxes.list({})).filter(isChosen);
        const rows = rowsOf(sandboxes, await measureOnce(client, sandboxes, signal), isChosen);
        if (output.json) output.value(rows.map(record));
        else output.line(draw(rows, output));
        return undefined;
      }),
    );
}
