import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { type Entry, open, type ZipFile } from 'yauzl';

/** What a stranger's archive may be. The largest pure-Python wheels on PyPI have some thousand files and tens of MB. */
const ENTRIES_MAX = 20_000;
const UNPACKED_MAX = 512 * 1024 * 1024;
const NAME_MAX = 1024;
const SYMLINK = 0o120000;
const FILE_TYPE = 0o170000;

export interface ZipEntry {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface Zip extends AsyncDisposable {
  /** Files only; no two have the same name, none leads out, and none is a link. */
  readonly entries: readonly ZipEntry[];
  /** Null when there is none by this name, or it is larger. */
  readonly readText: (name: string, most: number) => Promise<string | null>;
  /** To a file that must not exist yet. */
  readonly extract: (name: string, to: string, signal: AbortSignal) => Promise<void>;
}

/** Opens an archive that is not trusted. Throws a SyntaxError for what is broken or not as it may be. */
export async function openZip(path: string): Promise<Zip> {
  // It checks names (absolute, `..`, backslashes), sizes against what was said, and that a file lies where it is said.
  const file = await openFile(path, { lazyEntries: true, autoClose: false, strictFileNames: true }).catch(inWords);
  try {
    const entries = new Map((await readEntries(file)).map((entry) => [entry.fileName, entry]));
    const stream = promisify(file.openReadStream.bind(file)) as (entry: Entry) => Promise<NodeJS.ReadableStream>;
    return {
      entries: [...entries.values()].map(({ fileName, uncompressedSize }) => ({
        name: fileName,
        sizeBytes: uncompressedSize,
      })),
      async readText(name, most) {
        const entry = entries.get(name);
        if (!entry || entry.uncompressedSize > most) return null;
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of await stream(entry)) chunks.push(Buffer.from(chunk));
        } catch (error) {
          inWords(error);
        }
        return Buffer.concat(chunks).toString('utf8');
      },
      async extract(name, to, signal) {
        const entry = entries.get(name);
        if (!entry) throw new SyntaxError(`it has no file ${name}`);
        const source = await stream(entry).catch(inWords);
        await pipeline(source, createWriteStream(to, { flags: 'wx', mode: 0o644 }), { signal }).catch((error) => {
          signal.throwIfAborted();
          inWords(error);
        });
      },
      async [Symbol.asyncDispose]() {
        file.close();
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

const openFile = promisify(open) as (path: string, options: object) => Promise<ZipFile>;

/** What yauzl says is wrong with an archive; what the system refused stays what it is. */
function inWords(error: unknown): never {
  if (error instanceof Error && !('syscall' in error)) throw new SyntaxError(error.message, { cause: error });
  throw error;
}

async function readEntries(file: ZipFile): Promise<readonly Entry[]> {
  if (file.entryCount > ENTRIES_MAX) throw new SyntaxError(`it has more than ${ENTRIES_MAX} files`);
  const found: Entry[] = [];
  await new Promise<void>((resolve, reject) => {
    file.on('entry', (entry: Entry) => {
      found.push(entry);
      file.readEntry();
    });
    file.once('end', resolve);
    file.once('error', reject);
    file.readEntry();
  }).catch(inWords);
  const files = found.filter(({ fileName }) => !fileName.endsWith('/'));
  const names = new Set<string>();
  let total = 0;
  for (const entry of files) {
    refuseEntry(entry);
    if (names.has(entry.fileName)) throw new SyntaxError(`it has the file ${entry.fileName} twice`);
    names.add(entry.fileName);
    total += entry.uncompressedSize;
    if (total > UNPACKED_MAX) throw new SyntaxError('it is larger than 512 MiB when it is unpacked');
  }
  return files;
}

function refuseEntry({ fileName, externalFileAttributes, generalPurposeBitFlag }: Entry): void {
  const parts = fileName.split('/');
  if (fileName.length > NAME_MAX || fileName.includes('\0') || parts.some((part) => ['', '.', '..'].includes(part))) {
    throw new SyntaxError(`the name ${JSON.stringify(fileName.slice(0, 100))} may not be in it`);
  }
  if (((externalFileAttributes >>> 16) & FILE_TYPE) === SYMLINK) throw new SyntaxError(`${fileName} is a link`);
  if (generalPurposeBitFlag & 1) throw new SyntaxError(`${fileName} is encrypted`);
}
