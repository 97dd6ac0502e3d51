import { get } from 'node:http';
import { findProgram, runCommand } from './command.ts';

export const defaultSocket = '/var/run/docker.sock';

export type DockerAnswer =
  | { readonly state: 'answers'; readonly version: string }
  /** `canStart`: nothing listens on the usual socket and nobody has named another one. */
  | { readonly state: 'silent'; readonly reason: string; readonly canStart: boolean };

/** Asks the daemon that the docker command would use. */
export async function askDocker(env: NodeJS.ProcessEnv = process.env): Promise<DockerAnswer> {
  if (findProgram('docker', env.PATH) === null) {
    const reason = await pingSocket(defaultSocket);
    return reason === null ? { state: 'answers', version: 'unknown' } : { state: 'silent', reason, canStart: true };
  }
  const result = await runCommand('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeoutMs: 15_000 });
  const version = result.stdout.trim();
  if (result.code === 0 && version !== '') return { state: 'answers', version };
  const reason = result.stderr.trim().split('\n').at(-1) ?? `docker version ended with ${result.code}`;
  if (env.DOCKER_HOST) return { state: 'silent', reason, canStart: false };
  const context = await runCommand('docker', ['context', 'show'], { env, timeoutMs: 15_000 });
  // A client too old for `context show` has only the default one.
  const canStart = context.code !== 0 || context.stdout.trim() === 'default';
  return { state: 'silent', reason, canStart: canStart && !reason.includes('permission denied') };
}

/** Null when a Docker daemon answers there, else why not. */
export function pingSocket(socketPath: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? null : `the daemon answered ${response.statusCode}`);
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s')));
    request.on('error', (error) => resolve(error.message));
  });
}
