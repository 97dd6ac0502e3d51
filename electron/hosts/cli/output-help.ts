/** How commands answer, for help and docs. */
export const OUTPUT_HELP = `With --json a command prints one JSON value (with --watch or --follow one a line) and nothing else on standard
output. What fails is told on standard error, a line each, as {"code", "message", "hint"?, "details"?} with one of the
HTTP API’s codes; what acts on several prints an array with what became of each, and goes on after one that failed. Exit
codes are the same. A terminal (console, and exec and run with -t) and mcp, which speaks a protocol, have no JSON.
Output that is piped has no colours; NO_COLOR turns them off on a terminal, FORCE_COLOR on where there is none.`;
