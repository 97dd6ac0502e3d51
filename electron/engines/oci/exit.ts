import type { Exit } from '../../../shared/model/sandbox.ts';

/**
 * Container engines report a program that a signal ended as 128 + its number, like a shell, and keep
 * nothing that would tell it from a program that chose that code itself. So the code stays as it is.
 */
export function exitOf(code: number | null | undefined): Exit {
  return { code: code ?? null, signal: null };
}

/** 128 + SIGKILL. */
export const KILLED = 137;
/** 128 + SIGXCPU. */
export const OUT_OF_CPU_TIME = 152;
