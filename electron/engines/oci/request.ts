import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';

// Requests for which dockerode's own methods take no abort signal, or read everything into memory.

const statusCodes = { 200: true, 404: 'not found', 500: 'server error' } as const;

export function getJson(docker: Dockerode, path: string, abortSignal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    docker.modem.dial({ path, method: 'GET', abortSignal, statusCodes }, (error: Error | null, result: unknown) => {
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
