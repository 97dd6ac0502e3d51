import { errnoOf } from '../guest-error.ts';
import type { Guest } from '../run-wasi.ts';
import { ownTerminalSize, readInput, sleep, writeText } from '../standard-streams.ts';
import { isGuestExit } from '../wasi-process.ts';
import { type Outcome, openMachine } from './machine.ts';

const HELP = 'usage: js [-e code | file.js | -] [arguments]\n';
/** As Node says that nothing is left that could settle what is awaited. */
const UNSETTLED = 13;

interface Script {
  readonly source: string;
  readonly name: string;
  readonly kind: 'script' | 'module';
  readonly args: readonly string[];
}

/** Runs a program in QuickJS to its end and gives its exit code. */
export async function runQuickJs(guest: Guest): Promise<number> {
  const { files, env, ledger, job } = guest;
  const found = findScript(guest);
  if ('complaint' in found) {
    writeText(2, found.complaint);
    return ledger.close({ code: 2 });
  }
  try {
    const furnish = guest.warm?.machine ?? (await openMachine(guest));
    const machine = furnish({
      files,
      workdir: job.workdir,
      args: found.args,
      env,
      world: ledger.world,
      sleep,
      exit: (code) => process.exit(ledger.close({ code: code & 0xff })),
      terminalSize: ownTerminalSize,
    });
    return ledger.close({ code: report(machine.run(found.source, found.name, found.kind)) });
  } catch (error) {
    if (isGuestExit(error)) return ledger.close({ code: error.exitCode });
    return ledger.close({ error });
  }
}

function report(outcome: Outcome): number {
  if (outcome.state === 'done') return 0;
  if (outcome.state === 'failed') {
    writeText(2, `${outcome.text.startsWith('Uncaught') ? '' : 'Uncaught '}${outcome.text}\n`);
    return 1;
  }
  writeText(2, 'Warning: what is awaited at the top can never settle\n');
  return UNSETTLED;
}

/** What a command line means, as Node and QuickJS’s own program take it. */
function findScript({ argv, files, job }: Guest): Script | { readonly complaint: string } {
  const [, first, ...rest] = argv;
  if (first === '-e' || first === '--eval') {
    const [source, ...args] = rest;
    return source === undefined ? { complaint: HELP } : { source, name: '<eval>', kind: 'script', args };
  }
  if (first === undefined || first === '-') {
    return { source: readAllInput(), name: '<stdin>', kind: 'script', args: rest };
  }
  if (first.startsWith('-')) return { complaint: `js: unknown option ${first}\n${HELP}` };
  try {
    const place = files.resolve(job.workdir, first, { follow: true });
    const file = files.open(place, { read: true, write: false });
    const bytes = new Uint8Array(Number(file.info().size));
    file.read(bytes, 0);
    file.close();
    return { source: new TextDecoder().decode(bytes), name: place.path, kind: 'module', args: rest };
  } catch (error) {
    return { complaint: `js: cannot open ${first}: ${errnoOf(error)}\n` };
  }
}

function readAllInput(): string {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(65_536);
    const got = readInput(chunk);
    if (got === 0) return Buffer.concat(chunks).toString();
    chunks.push(chunk.subarray(0, got));
  }
}
