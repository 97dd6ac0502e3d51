import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';

// Requests for which dockerode's own methods take no abort signal, or read everything into memory.

const statusCodes = { 200: true, 404: 'not found', 500: 'server error' } as const;
/** Podman says 201 where Docker says 200 or 204. */
const done = { ...statusCodes, 201: true, 204: true } as const;

export function getJson(docker: Dockerode, path: string, abortSignal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    docker.modem.dial({ path, method: 'GET', abortSignal, statusCodes }, (error: Error | null, result: unknown) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}

export interface PostOptions {
  /** With its version, e.g. `/v4.0.0/libpod/…`, or without. */
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly abortSignal: AbortSignal;
}

export function post(docker: Dockerode, path: string, { query, body, abortSignal }: PostOptions): Promise<unknown> {
  const options = { ...(query ? { _query: query } : {}), ...(body ? { _body: body } : { _body: {} }) };
  const request = { path: query ? `${path}?` : path, method: 'POST', abortSignal, statusCodes: done, options };
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error: Error | null, result: unknown) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}

export function remove(docker: Dockerode, path: string, abortSignal: AbortSignal): Promise<unknown> {
  const request = { path, method: 'DELETE', abortSignal, statusCodes: done };
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error: Error | null, result: unknown) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}

export function getStream(
  docker: Dockerode,
  path: string,
  query: Readonly<Record<string, unknown>>,
  abortSignal: AbortSignal,
): Promise<Readable> {
  const request = { path: `${path}?`, method: 'GET', isStream: true, abortSignal, statusCodes, options: { ...query } };
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error: Error | null, result: unknown) => {
      if (result instanceof Readable) resolve(result);
      else reject(error ?? new Error('no stream came'));
    });
  });
}
