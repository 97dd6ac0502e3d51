import { spawn } from 'node:child_process';

export type ElectronEnd =
  | { readonly ran: true; readonly exitCode: number }
  /** It never came up: a library is missing, its sandbox is not allowed here … */
  | { readonly ran: false; readonly reason: string };

/** What a program that cannot run dies of: the loader's exit code, a failed check, a crash. */
const DEADLY: readonly NodeJS.Signals[] = ['SIGTRAP', 'SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL'];
const CANNOT_RUN = [126, 127];
/** A crash after this long is one of a Terrarium that did run. */
const STARTUP_MS = 10_000;

/** Runs the app until its end. Signals are passed on, so that it can let go of everything first. */
export function runElectron(program: string, root: string): Promise<ElectronEnd> {
  const started = performance.now();
  // Editors that are Electron apps leave this in their terminals: it would make a plain Node of ours.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  const child = spawn(program, [root], { stdio: ['inherit', 'inherit', 'pipe'], env });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    process.stderr.write(chunk);
    said = (said + chunk).slice(-4096);
  });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const ignore = () => undefined; // Ctrl+C reaches the child by itself: it is of the terminal's group
  process.on('SIGINT', ignore);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);

  return new Promise<ElectronEnd>((resolve) => {
    child.once('error', (error) => resolve({ ran: false, reason: error.message }));
    child.once('close', (code, signal) => {
      const early = performance.now() - started < STARTUP_MS;
      const cannot = code === null ? signal !== null && DEADLY.includes(signal) : CANNOT_RUN.includes(code);
      if (early && cannot) resolve({ ran: false, reason: lastLine(said) ?? `it ended with ${signal ?? code}` });
      else resolve({ ran: true, exitCode: code ?? 1 });
    });
  }).finally(() => {
    process.off('SIGINT', ignore);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, forward);
  });
}

function lastLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  // Chromium puts process, time and source before what it says.
  return lines
    .findLast((line) => line !== '')
    ?.replace(/^\[[^\]]*\]\s*/, '')
    .replace(/\.$/, '');
}
