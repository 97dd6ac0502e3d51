// Without zod, so that the page's terminals do without it as well.

/** Characters that may be on their way to a page before the terminal is paused (design §3). */
export const CONSOLE_WINDOW = 512 * 1024;
/** Characters of past output that a console keeps for whoever attaches. */
export const CONSOLE_REPLAY = 1024 * 1024;
/** Longest input of one `write`; a page splits a longer paste. */
export const CONSOLE_WRITE_MAX = 64 * 1024;
