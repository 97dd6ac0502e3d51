import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { SettingsState } from '../../../shared/contract/settings.ts';
import { type Config, defaultConfig } from '../../../shared/model/config.ts';
import { AppError } from '../../../shared/model/error.ts';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import { diskFull, isDiskFull } from '../../lib/disk-full.ts';
import { createKeyedLock } from '../../lib/keyed-lock.ts';
import type { Log } from '../../lib/log.ts';
import { createTopic } from '../../lib/topic.ts';
import { type ConfigProblem, changeConfig, type MergePatch, problemText, readConfig } from './config-text.ts';

/** The configuration, which is what its file says: nothing is kept beside it. */
export interface SettingsService {
  /** As the file is now; while it is wrong, as it was before, or the defaults. */
  readonly get: () => Config;
  readonly state: () => SettingsState;
  /** Why the file does not hold, in a sentence for people; null when it does. */
  readonly problem: () => string | null;
  /** Writes changes into the file, and keeps what else is in it. Throws `invalid_input` and `conflict`, see changeConfig. */
  readonly set: (changes: MergePatch) => Promise<SettingsState>;
  readonly onChange: (listener: () => void) => () => void;
  readonly dispose: () => void;
}

/** Many times what all keys take. */
const LARGEST_BYTES = 64 * 1024;
/** How often the file is looked at while nobody asks. */
const LOOK_MS = 2000;

export function createSettings(path: string, log: Log): SettingsService {
  const changed = createTopic<void>();
  const writing = createKeyedLock();
  let seen: string | null = null;
  let config = defaultConfig;
  let lines: ReadonlyMap<string, number> = new Map();
  let problem: ConfigProblem | null = null;

  /** Reads the file when it is another than the one that was read. */
  function look(): void {
    const now = markOf(path);
    if (now === seen) return;
    const isFirst = seen === null;
    seen = now;
    const read = now === MISSING ? readConfig('') : readFile(path);
    problem = read.problem;
    if (problem) log.warn({ path, problem }, 'the configuration file is wrong');
    lines = read.problem ? new Map() : read.lines;
    if (read.config) config = read.config;
    if (!isFirst) changed.publish();
  }

  const state = (): SettingsState => {
    look();
    return { config, path, lines: Object.fromEntries(lines), problem };
  };

  look();
  const timer = setInterval(look, LOOK_MS);
  timer.unref();

  return {
    get() {
      look();
      return config;
    },
    state,
    problem() {
      look();
      return problem && `The configuration in ${path} does not hold: ${problemText(problem)}`;
    },
    set: (changes) =>
      writing.run(path, async () => {
        const text = markOf(path) === MISSING ? '' : readText(path);
        const wanted = changeConfig(text, changes);
        if (wanted !== text) await write(path, wanted);
        return state();
      }),
    onChange: changed.subscribe,
    dispose: () => clearInterval(timer),
  };
}

const MISSING = 'missing';

/** Tells one text of the file from the next without reading it. What may not be looked at is told by reading it. */
function markOf(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : MISSING;
  } catch (error) {
    return `refused ${(error as NodeJS.ErrnoException).code}`;
  }
}

function readFile(path: string): ReturnType<typeof readConfig> {
  try {
    return readConfig(readText(path));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { config: null, problem: { line: null, key: null, message: error.message } };
  }
}

function readText(path: string): string {
  // A FIFO would be waited for.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new AppError('invalid_input', 'it is no file');
    if (stat.size > LARGEST_BYTES) throw new AppError('invalid_input', 'it is larger than 64 KiB');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** A link to the file, as those who keep their dotfiles elsewhere have it, stays one; so do the file's permissions. */
async function write(path: string, text: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = linkedFrom(path);
    const mode = statSync(file, { throwIfNoEntry: false })?.mode;
    // It is replaced, which its own permissions would not hinder.
    if (mode !== undefined && !isWritable(file, mode)) throw new Error('it is read-only');
    await writeFileAtomic(file, text, mode === undefined ? 0o644 : mode & 0o7777);
  } catch (cause) {
    if (isDiskFull(cause)) throw diskFull('the configuration', cause);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('denied', `The configuration in ${path} could not be written: ${why}`, {
      hint: 'Look who may write to it.',
      cause,
    });
  }
}

/** Root may write to what nobody is to write to: there the permissions are asked. */
function isWritable(file: string, mode: number): boolean {
  accessSync(file, constants.W_OK);
  return (mode & 0o222) !== 0;
}

/** Where a link leads, step by step, whether there is something or not. Ends, as the system follows no more than 40. */
function linkedFrom(path: string, steps = 40): string {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink && steps > 0 ? linkedFrom(resolve(dirname(path), readlinkSync(path)), steps - 1) : path;
}
