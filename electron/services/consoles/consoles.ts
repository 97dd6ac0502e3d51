import type { Console, ConsoleItem } from '../../../shared/contract/consoles.ts';
import { AppError } from '../../../shared/model/error.ts';
import type { PullStream } from '../../lib/pull-stream.ts';
import type { ProgramDependencies } from '../program-dependencies.ts';
import { createHostConsole, type HostConsole } from './host-console.ts';

export interface OpenConsole {
  readonly sandboxId: string;
  readonly cols: number;
  readonly rows: number;
  readonly command?: readonly string[] | undefined;
  readonly confirmForeign: boolean;
}

export interface Consoles {
  readonly open: (request: OpenConsole) => Promise<Console>;
  readonly attach: (id: string) => PullStream<ConsoleItem>;
  readonly acknowledge: (id: string, attachment: string, characters: number) => void;
  readonly write: (id: string, data: string) => void;
  readonly resize: (id: string, cols: number, rows: number) => Promise<void>;
  readonly close: (id: string) => Promise<void>;
  readonly list: (sandboxId: string | undefined) => readonly Console[];
  readonly closeAll: () => Promise<void>;
}

/** Consoles of one sandbox, ended ones included: a bound against a page that opens them in a loop. */
const CONSOLES_PER_SANDBOX = 64;

/** Programs in consoles end with their host. When that was killed, only what it wrote down tells of them. */
function tellOfEnded({ store, registry, events }: Pick<ProgramDependencies, 'store' | 'registry' | 'events'>): void {
  const left = Map.groupBy(store.consoles.all(), ({ sandboxId }) => sandboxId);
  for (const [sandboxId, consoles] of left) {
    const sandbox = registry.find(sandboxId)?.sandbox;
    const titles = consoles.map(({ title }) => title).join(', ');
    const message =
      consoles.length === 1
        ? `A console ended with Terrarium’s host: ${titles}`
        : `${consoles.length} consoles ended with Terrarium’s host: ${titles}`;
    if (sandbox) events.record('consoles_ended', message, { sandbox });
    for (const { id } of consoles) store.consoles.remove(id);
  }
}

export function createConsoles(dependencies: ProgramDependencies): Consoles {
  const { store, sandboxes, registry, activity, log } = dependencies;
  tellOfEnded(dependencies);
  const consoles = new Map<string, HostConsole>();
  /** Consoles on their way, by sandbox. */
  const openings = new Map<string, number>();
  const of = (sandboxId: string) =>
    consoles
      .values()
      .filter((console) => console.info().sandboxId === sandboxId)
      .toArray();

  function get(id: string): HostConsole {
    const found = consoles.get(id);
    if (!found)
      throw new AppError('not_found', `There is no console ${id}`, { hint: 'It was closed. Open a new one.' });
    return found;
  }

  async function close(console: HostConsole): Promise<void> {
    await console.close();
    consoles.delete(console.info().id);
    store.consoles.remove(console.info().id);
  }

  // A destroyed sandbox takes its consoles along.
  registry.onChange((id) => {
    if (registry.find(id)) return;
    openings.delete(id);
    for (const console of of(id)) {
      close(console).catch((error: unknown) => log.warn({ err: error }, 'a console could not be closed'));
    }
  });

  return {
    async open(request) {
      const { sandbox, engine, ref } = sandboxes.target(request.sandboxId, 'console', request);
      const opening = openings.get(sandbox.id) ?? 0;
      if (of(sandbox.id).length + opening >= CONSOLES_PER_SANDBOX) {
        throw new AppError('limit_exceeded', `"${sandbox.name}" has ${CONSOLES_PER_SANDBOX} consoles already`, {
          hint: 'Close some of them first.',
        });
      }
      const { cols, rows, command } = request;
      openings.set(sandbox.id, opening + 1);
      const terminal = await engine.openConsole(ref, { argv: command, cols, rows }).finally(() => {
        openings.set(sandbox.id, (openings.get(sandbox.id) ?? 1) - 1);
      });
      if (!registry.find(sandbox.id)) {
        await terminal.kill();
        throw new AppError('not_found', `"${sandbox.name}" was destroyed meanwhile`);
      }
      const console = createHostConsole(sandbox.id, { cols, rows }, terminal);
      consoles.set(console.info().id, console);
      store.consoles.put(console.info());
      // An ended one stays to be read, and is nothing that a killed host would take along.
      void terminal.exited.then(() => store.consoles.remove(console.info().id));
      activity.touch(sandbox.id);
      return console.info();
    },
    attach: (id) => get(id).attach(),
    acknowledge: (id, attachment, characters) => consoles.get(id)?.acknowledge(attachment, characters),
    write(id, data) {
      const console = get(id);
      console.write(data);
      activity.touch(console.info().sandboxId);
    },
    resize: (id, cols, rows) => get(id).resize(cols, rows),
    async close(id) {
      const console = consoles.get(id);
      if (console) await close(console);
    },
    list: (sandboxId) =>
      consoles
        .values()
        .map((console) => console.info())
        .filter((info) => sandboxId === undefined || info.sandboxId === sandboxId)
        .toArray(),
    async closeAll() {
      await Promise.allSettled(consoles.values().map(close));
    },
  };
}
