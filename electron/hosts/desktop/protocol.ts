import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { type Protocol, protocol } from 'electron';
import { lookup } from 'mrmime';
import { pageHeaders } from '../page-headers.ts';
import { isOwnUrl, PAGE_SCHEME } from './page-url.ts';

/** Gives the page an origin of its own, like a website's. Must be called before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the built page, and nothing else, under `app://`. */
export function servePage(target: Pick<Protocol, 'handle'>, folder: string): void {
  target.handle(PAGE_SCHEME, (request) => answer(request, folder));
}

async function answer(request: Pick<Request, 'method' | 'url'>, folder: string): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Method not allowed');
  const file = fileOf(request.url, folder);
  if (file === null) return refuse(404, 'Not found');
  try {
    const body = request.method === 'GET' ? await readFile(file) : null;
    return new Response(body, { headers: { ...pageHeaders, 'Content-Type': typeOf(file) } });
  } catch (error) {
    if (isMissing(error)) return refuse(404, 'Not found');
    throw error;
  }
}

/** Null for what is not below the folder, however it is written. */
function fileOf(url: string, folder: string): string | null {
  if (!isOwnUrl(url)) return null;
  let path: string;
  try {
    path = decodeURIComponent(new URL(url).pathname);
  } catch {
    return null; // a percent sign that encodes nothing names no file
  }
  if (path.includes('\0')) return null;
  const root = resolve(folder);
  const file = resolve(root, `.${path === '/' ? '/index.html' : path}`);
  return file.startsWith(root + sep) ? file : null;
}

function typeOf(file: string): string {
  const type = lookup(file) ?? 'application/octet-stream';
  return /^text\/|javascript|json|xml/.test(type) ? `${type}; charset=utf-8` : type;
}

function refuse(status: number, reason: string): Response {
  return new Response(reason, { status, headers: { ...pageHeaders, 'Content-Type': 'text/plain; charset=utf-8' } });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String(error.code));
}
