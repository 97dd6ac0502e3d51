import type { Profile } from '../../../shared/model/spec.ts';

/** One way out of a sandbox, tried from inside. */
export interface Attempt {
  readonly name: string;
  /**
   * A POSIX script that exits with 0 when it got what it must not have. What it is aimed at is in its
   * environment, see `Victims`.
   */
  readonly script: string;
  /** Programs without which it cannot be tried, beside a shell. */
  readonly needs?: readonly string[];
  /** Profiles that do not keep this from happening, by intention. */
  readonly openIn?: readonly Profile[];
}

/** A system call that must not be answered as if it were there for the asking. */
export interface SyscallAttempt {
  readonly syscall: string;
  /** Numbers that no call takes in earnest: one that is allowed fails with EFAULT or EINVAL, or does nothing. */
  readonly with: readonly number[];
  /** Beside the name, where a call is tried in several ways. */
  readonly how?: string;
  readonly openIn?: readonly Profile[];
}
