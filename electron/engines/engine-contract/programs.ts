type Argv = readonly string[];

/** A piece of what a program writes. What it writes to stderr is a line. */
export type Piece = { readonly out: string } | { readonly err: string };

/**
 * The suite's programs, in a language that a sandbox of the engine understands. All of them run where a shell
 * is; what only a shell can be asked for (processes, signals, devices) is in the cases themselves, behind `shell`.
 */
export interface Programs {
  readonly shell: boolean;
  readonly nothing: Argv;
  readonly exits: (code: number) => Argv;
  readonly prints: (pieces: readonly Piece[], code?: number) => Argv;
  /** Prints each argument and a `|`. */
  readonly printsArguments: (args: readonly string[]) => Argv;
  /** Prints how many bytes come in, and a line feed. */
  readonly countsInput: Argv;
  readonly copiesInput: Argv;
  /** Reads no input. */
  readonly ignoresInput: (code: number) => Argv;
  /** Prints the values between brackets, a space between two; one that is missing is empty. */
  readonly printsEnvironment: (names: readonly string[]) => Argv;
  readonly printsWorkdir: Argv;
  readonly writesFile: (path: string, text: string) => Argv;
  readonly printsFile: (path: string) => Argv;
  /** Ends with 0 if it is there, else with another code. */
  readonly findsFile: (path: string) => Argv;
  /** `0123456789abcde` in lines, so many bytes of it; then writes a file, if asked. */
  readonly floods: (bytes: number, thenFile?: string) => Argv;
  /** The same without end. */
  readonly floodsForever: Argv;
  /** Prints the numbers from 1 in lines. */
  readonly counts: (last: number) => Argv;
  /** Waits for longer than any test takes. Has the marker as an argument. */
  readonly waits: (marker: string) => Argv;
  /** Prints, and then waits. */
  readonly printsAndWaits: (text: string, marker: string) => Argv;
  /** Prints `early`, waits for the file, prints `late`, and waits. */
  readonly waitsForFile: (path: string) => Argv;
  /** Prints `first`, ends a second later after it has printed `last`. */
  readonly takesItsTime: Argv;
  readonly sleeps: (seconds: number, code?: number) => Argv;
  readonly burns: Argv;
  /** Takes so much memory and waits; or ends at once. */
  readonly takesMemory: (bytes: number, andWaits: boolean) => Argv;
  /** Tries to connect and prints what a server there says; null where a shell has its own way. */
  readonly connects: ((address: string, port: number) => Argv) | null;
  /** What somebody types in a console. */
  readonly console: {
    /** What is opened; the engine's own when undefined. */
    readonly argv: Argv | undefined;
    /** A line that prints `<`, six times seven, and `>`. */
    readonly computes: string;
    /**
     * A line that prints `go`, the number and a line feed, and then waits or burns until it is interrupted; null
     * where there are no signals and Ctrl+C ends all of it.
     */
    readonly hangs: ((go: number) => string) | null;
    /** A line that prints `word` and the number, which is not in what is typed. */
    readonly says: (word: string, number: number) => string;
    /** A line that keeps a word, and one that prints it between `<` and `>`. */
    readonly keeps: (word: string) => string;
    readonly recalls: string;
    /** A line that prints rows, a space, and columns of the terminal; null: it cannot be asked. */
    readonly size: string | null;
  };
  /** Prints what is typed, a line, between `<` and `>`. */
  readonly echoesLine: Argv;
}

const sh = (script: string, ...args: readonly string[]): Argv => ['sh', '-c', script, ...args];
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export const shellPrograms: Programs = {
  shell: true,
  nothing: ['true'],
  exits: (code) => sh(`exit ${code}`),
  prints: (pieces, code = 0) =>
    sh(
      [
        ...pieces.map((piece) =>
          'out' in piece ? `printf %s ${quoted(piece.out)}` : `printf %s ${quoted(piece.err)} >&2`,
        ),
        `exit ${code}`,
      ].join('; '),
    ),
  printsArguments: (args) => ['printf', '%s|', ...args],
  countsInput: ['wc', '-c'],
  copiesInput: ['cat'],
  ignoresInput: (code) => sh(`exec 0</dev/null; exit ${code}`),
  printsEnvironment: (names) => sh(`echo "[${names.map((name) => `$${name}`).join(' ')}]"`),
  printsWorkdir: ['pwd'],
  writesFile: (path, text) => sh(`printf %s ${quoted(text)} > ${path}`),
  printsFile: (path) => ['cat', path],
  findsFile: (path) => sh(`test -e ${path}`),
  floods: (bytes, thenFile) =>
    sh(`yes 0123456789abcde | head -c ${bytes}${thenFile === undefined ? '' : `; echo over > ${thenFile}`}`),
  // Long lines: the log of a container engine has an entry for each.
  floodsForever: ['yes', '0123456789abcdef'.repeat(64)],
  counts: (last) => sh(`seq 1 ${last}`),
  waits: (marker) => ['sleep', marker],
  printsAndWaits: (text, marker) => sh(`printf %s ${quoted(text)}; sleep ${marker}`),
  waitsForFile: (path) =>
    sh(`echo early; while [ ! -e ${path} ]; do sleep 1; done; echo late; while :; do sleep 1; done`),
  takesItsTime: sh('echo first; sleep 1; echo last'),
  sleeps: (seconds, code = 0) => sh(`sleep ${seconds}; exit ${code}`),
  burns: sh('while :; do :; done'),
  takesMemory: (bytes, andWaits) =>
    // `tail` keeps what it reads until there are ten lines of it, which zeros never are. A shell's own variable would
    // be read in small pieces, of which gVisor makes a quarter of a minute.
    sh(`{ head -c ${bytes} /dev/zero; ${andWaits ? 'while :; do sleep 1; done' : ':'}; } | tail`),
  connects: null,
  console: {
    argv: ['sh'],
    computes: 'echo "<$((6*7))>"',
    hangs: (go) => `echo go$((${go}+0)); sleep 100000`,
    says: (word, number) => `echo ${word}$((${number}+0))`,
    keeps: (word) => `kept=${word}`,
    recalls: 'echo "<$kept>"',
    size: 'stty size',
  },
  echoesLine: sh('read line; echo "<$line>"'),
};
