import { type SpawnOptions, spawn } from 'node:child_process';
import { findProgram as findIn } from '../../electron/lib/executable.ts';

export interface CommandResult {
  /** 0 to 255; 127 when the program is not there, 128 and more when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** Sees output as it comes, both streams. */
  readonly onOutput?: (chunk: string) => void;
  readonly input?: Uint8Array;
}

/** Runs a program to its end and keeps what it said. Never rejects. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const settings: SpawnOptions = {
    env: options.env ?? process.env,
    stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    ...(options.timeoutMs ? { timeout: options.timeoutMs, killSignal: 'SIGKILL' } : {}),
  };
  return new Promise((resolve) => {
    const child = spawn(program, args, settings);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      options.onOutput?.(chunk);
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      options.onOutput?.(chunk);
    });
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: `${stderr}${error.message}` }));
    child.on('close', (code, signal) => {
      if (signal) stderr += `${program} was ended by ${signal}\n`;
      resolve({ code: code ?? 137, stdout, stderr });
    });
    // A program that does not read its input closes the pipe early; its exit code tells the rest.
    child.stdin?.on('error', () => child.stdin?.destroy());
    if (options.input) child.stdin?.end(options.input);
  });
}

/** The full path of a program on PATH, or null. The sbin folders are looked at too: a user's PATH may lack them. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | null {
  return findIn(name, { path, extra: ['/usr/local/sbin', '/usr/sbin', '/sbin'] });
}

/** The last lines of a text, for showing why something failed. */
export function tail(text: string, lines = 20): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
