import type { ExecutionResult } from '../../shared/contract/executions.ts';
import type { Executions, RunRequest } from './executions.ts';

/** Of stdout and stderr together. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Runs a command to its end and gives all that it wrote, up to 16 MiB. An abort kills it. */
export async function runAndWait(
  executions: Executions,
  request: RunRequest,
  signal: AbortSignal | undefined,
): Promise<ExecutionResult> {
  const chunks: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  await using stream = executions.run(request);
  const end = () => void stream.return();
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  try {
    for await (const item of stream) {
      if (item.type === 'ended') {
        const { execution } = item;
        const truncated = execution.stdoutBytes + execution.stderrBytes > bytes;
        const join = (parts: readonly string[]) => (request.encoding === 'base64' ? joinBase64(parts) : parts.join(''));
        return { execution, stdout: join(chunks.stdout), stderr: join(chunks.stderr), truncated };
      }
      if (item.type === 'started') continue;
      const size = Buffer.byteLength(item.data, request.encoding);
      // Nothing after the first that is left out: a hole in the middle would not be seen.
      if (bytes + size > MOST_BYTES) bytes = Number.NEGATIVE_INFINITY;
      if (bytes < 0) continue;
      bytes += size;
      chunks[item.type].push(item.data);
    }
  } finally {
    signal?.removeEventListener('abort', end);
  }
  signal?.throwIfAborted();
  throw new Error('a command ended without saying how');
}

/** Each chunk was encoded by itself. */
function joinBase64(parts: readonly string[]): string {
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))).toString('base64');
}
