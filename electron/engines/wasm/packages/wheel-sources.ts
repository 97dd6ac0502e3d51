import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { AppError, isAppError } from '../../../../shared/model/error.ts';
import { ifThere } from '../../../lib/if-there.ts';
import { parseWheelName } from './wheel.ts';

const LISTING_MAX = 32 * 1024 * 1024;
const WHEEL_MAX = 256 * 1024 * 1024;
const LISTED_MAX = 50_000;
const ANSWER_MS = 15_000;

/** A file that an index or a folder offers for a package. */
export interface Offered {
  readonly file: string;
  readonly requiresPython: string | null;
  readonly yanked: boolean;
  /** Brings it to this machine and gives its path; `to` is a path that is free. */
  readonly fetch: (to: string, signal: AbortSignal) => Promise<string>;
}

export interface WheelSource {
  /** For messages, e.g. `the folder wheels of the workspace`. */
  readonly title: string;
  /** Files for a package by its normalised name, wheels and whatever else there is. */
  readonly find: (name: string, signal: AbortSignal) => Promise<readonly Offered[]>;
}

export function folderSource(folder: string, title: string): WheelSource {
  return {
    title,
    async find(name) {
      const files = (await ifThere(readdir(folder))) ?? [];
      return files
        .filter((file) => parseWheelName(file)?.name === name)
        .map((file) => ({
          file,
          requiresPython: null,
          yanked: false,
          async fetch() {
            const path = join(folder, file);
            const found = await stat(path);
            if (!found.isFile() || found.size > WHEEL_MAX) throw tooLarge(file);
            return path;
          },
        }));
    },
  };
}

const tooLarge = (file: string) => new AppError('invalid_input', `${file} is no file, or larger than 256 MiB.`);

/** https://packaging.python.org/en/latest/specifications/simple-repository-api/, as JSON and as HTML. */
const jsonSchema = z.object({
  files: z
    .array(
      z.object({
        filename: z.string(),
        url: z.string(),
        hashes: z.record(z.string(), z.string()).default({}),
        'requires-python': z.string().nullish(),
        yanked: z.union([z.boolean(), z.string()]).default(false),
      }),
    )
    .max(LISTED_MAX),
});

interface Link {
  readonly file: string;
  readonly url: string;
  readonly sha256: string | null;
  readonly requiresPython: string | null;
  readonly yanked: boolean;
}

/** An index of packages. It is the host that asks it: the sandbox itself has no network. */
export function indexSource(index: string): WheelSource {
  const base = index.endsWith('/') ? index : `${index}/`;
  const unreachable = (cause: unknown) =>
    new AppError('engine_unavailable', `The package index ${index} does not answer.`, {
      hint: 'Look at its address and at this machine’s network.',
      cause,
    });
  /** What goes wrong in an answer is the index's, unless it is our own refusal or this machine's disk. */
  const heard = async <T>(answer: Promise<T>, signal: AbortSignal): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      const isOwn =
        isAppError(error) || signal.aborted || (error instanceof Error && 'syscall' in error && 'path' in error);
      throw isOwn ? error : unreachable(error);
    }
  };
  const get = async (url: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWER_MS);
    try {
      return await fetch(url, { headers, signal: AbortSignal.any([signal, patience.signal]) });
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(error);
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    title: `the index ${index}`,
    async find(name, signal) {
      const url = new URL(`${encodeURIComponent(name)}/`, base).href;
      const accept = 'application/vnd.pypi.simple.v1+json, text/html;q=0.1';
      const response = await get(url, signal, { accept });
      if (response.status === 404) {
        await response.body?.cancel();
        return [];
      }
      if (!response.ok) throw unreachable(new Error(`${response.status} ${response.statusText}`));
      const text = await heard(readBounded(response, LISTING_MAX), signal);
      const isJson = response.headers.get('content-type')?.includes('json') ?? false;
      const links = isJson ? readJson(text, response.url) : readHtml(text, response.url);
      if (!links) throw unreachable(new Error('its answer is not a listing'));
      return links.map((link) => ({
        ...link,
        async fetch(to, fetchSignal) {
          const answer = await get(link.url, fetchSignal);
          if (!answer.ok || !answer.body) throw unreachable(new Error(`${link.file}: ${answer.status}`));
          await heard(download(answer.body, to, link, fetchSignal), fetchSignal);
          return to;
        },
      }));
    },
  };
}

async function download(body: ReadableStream, to: string, { file, sha256 }: Link, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      if (size > WHEEL_MAX) throw tooLarge(file);
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.fromWeb(body as never), counted, createWriteStream(to, { flags: 'wx', mode: 0o600 }), {
    signal,
  });
  if (sha256 !== null && hash.digest('hex') !== sha256) {
    throw new AppError('denied', `The file ${file} is not the one that the index tells of: its checksum differs.`);
  }
}

async function readBounded(response: Response, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > most) throw new AppError('limit_exceeded', 'The package index answers with more than can be read.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Null for what is neither http nor https. */
function resolve(url: string, from: string): URL | null {
  const resolved = URL.parse(url, from);
  return resolved && /^https?:$/.test(resolved.protocol) ? resolved : null;
}

/** Null for what is no listing. */
function readJson(text: string, from: string): readonly Link[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = jsonSchema.safeParse(json);
  if (!parsed.success) return null;
  return parsed.data.files.flatMap((file) => {
    const url = resolve(file.url, from);
    if (!url) return [];
    return {
      file: file.filename,
      url: url.href,
      sha256: file.hashes.sha256 ?? null,
      requiresPython: file['requires-python'] ?? null,
      yanked: file.yanked !== false,
    };
  });
}

/** One anchor a file, which is all that the specification lets a listing have. */
const ANCHOR = /<a\s([^>]{1,4000})>([^<]{1,1000})<\/a>/gi;

function readHtml(text: string, from: string): readonly Link[] {
  const links: Link[] = [];
  for (const [, attributes = '', file = ''] of text.matchAll(ANCHOR)) {
    if (links.length === LISTED_MAX) break;
    const attribute = (name: string) => {
      const found = new RegExp(`(?:^|\\s)${name}=(?:"([^"]*)"|'([^']*)')`, 'i').exec(attributes);
      return found ? unescaped(found[1] ?? found[2] ?? '') : null;
    };
    const url = resolve(attribute('href') ?? '', from);
    if (!url) continue;
    links.push({
      file: unescaped(file.trim()),
      url: url.href,
      sha256: /^#sha256=([0-9a-f]{64})$/.exec(url.hash)?.[1] ?? null,
      requiresPython: attribute('data-requires-python'),
      yanked: attribute('data-yanked') !== null,
    });
  }
  return links;
}

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};
const unescaped = (text: string) => text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity] ?? entity);
