import { errnoOf } from '../guest-error.ts';
import type { GuestFiles } from '../guest-files.ts';
import { ownStreams, type Streams } from '../standard-streams.ts';
import type { World } from '../world.ts';
import type { HostCalls } from './prelude.ts';

export interface QuickJsHost {
  readonly files: GuestFiles;
  readonly workdir: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly world: World;
  readonly exit: (code: number) => never;
  readonly sleep: (ms: number) => void;
  /** This process's own when undefined. */
  readonly streams?: Streams;
  readonly terminalSize: () => { readonly columns: number; readonly rows: number };
}

const LINE_FEED = 0x0a;
const NS_PER_MS = 1_000_000;

/** What a guest in QuickJS may ask for. Every failure is an Error with nothing but a message. */
export function createHostCalls(host: () => QuickJsHost): HostCalls & {
  /** Forgets what was read of the input and not taken yet. */
  readonly reset: () => void;
} {
  const streams = () => host().streams ?? ownStreams;
  const files = () => host().files;
  const at = (path: string, follow = true) => files().resolve(host().workdir, path, { follow });
  let buffered: number[] = [];

  const calls: HostCalls = {
    write: (fd, text) => streams().write(fd === 2 ? 2 : 1, Buffer.from(text)),
    readBytes(path) {
      const file = files().open(at(path), { read: true, write: false });
      try {
        const bytes = new Uint8Array(Number(file.info().size));
        let length = 0;
        while (length < bytes.length) {
          const got = file.read(bytes.subarray(length), length);
          if (got === 0) break;
          length += got;
        }
        return bytes.slice(0, length).buffer;
      } finally {
        file.close();
      }
    },
    writeBytes(path, buffer, append) {
      const file = files().open(at(path), { read: false, write: true, create: true, truncate: !append, append });
      try {
        const bytes = new Uint8Array(buffer);
        for (let done = 0; done < bytes.length; ) done += file.write(bytes.subarray(done), done);
      } finally {
        file.close();
      }
    },
    stat(path) {
      try {
        const { type, size, modifiedNs } = files().info(at(path));
        return JSON.stringify({ type, size: Number(size), modifiedMs: Number(modifiedNs) / NS_PER_MS });
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return 'null';
        throw error;
      }
    },
    list: (path) =>
      JSON.stringify(
        files()
          .list(at(path))
          .map(({ name }) => name)
          .toSorted(),
      ),
    makeFolder: (path) => files().makeFolder(at(path, false)),
    remove(path) {
      const place = at(path, false);
      if (place.stat?.isDirectory()) files().removeFolder(place);
      else files().remove(place);
    },
    rename: (from, to) => files().move(at(from, false), at(to, false)),
    input(line) {
      const chunk = new Uint8Array(line ? 4096 : 65_536);
      for (;;) {
        const end = line ? buffered.indexOf(LINE_FEED) : -1;
        if (end >= 0) return Uint8Array.from(buffered.splice(0, end + 1)).buffer;
        const got = streams().read(chunk);
        if (got === 0) return Uint8Array.from(buffered.splice(0)).buffer;
        for (const byte of chunk.subarray(0, got)) buffered.push(byte);
      }
    },
    exit: (code) => host().exit(code),
    sleep(ms) {
      host().sleep(Math.max(ms || 0, 0));
      host().world.slept(Math.max(ms || 0, 0));
    },
    writeOutput: (fd, bytes) => streams().write(fd === 2 ? 2 : 1, new Uint8Array(bytes)),
    now: () => Number(host().world.uptime()) / NS_PER_MS,
    facts() {
      const { args, env, workdir, terminalSize } = host();
      return JSON.stringify({ args, env, cwd: workdir, ...terminalSize() });
    },
  };
  return {
    ...calls,
    reset() {
      buffered = [];
    },
  };
}

/** What a guest may learn of a failure: never where it happened out here. */
export function forGuest(error: unknown, path: string): Error {
  const plain = new Error(`${errnoOf(error)}: ${path}`);
  plain.stack = '';
  return plain;
}
