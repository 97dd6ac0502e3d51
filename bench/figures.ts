export interface FigureInfo {
  readonly unit: 'ms' | 'MB/s' | 'MB' | 'KB' | '×' | '/s';
  readonly better: 'lower' | 'higher';
  /** What is measured, from where to where. */
  readonly what: string;
  /** The figure that is measured by turns with this one and that it is to be read against. */
  readonly peer?: string;
}

/** Every figure of the benchmark, in the order in which it is shown. MB and KB are powers of ten. */
export const figures = {
  processStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a `process` sandbox with a main program, from the call to "running"',
  },
  dockerStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a `docker` sandbox (created, hardened, checked, started), from the call to "running"',
    peer: 'dockerCliRunMs',
  },
  dockerCliRunMs: {
    unit: 'ms',
    better: 'lower',
    what: '`docker run --detach --network none` with the same image and program, until the command returns',
  },
  execMs: {
    unit: 'ms',
    better: 'lower',
    what: '`true` in a running `docker` sandbox through the host over WebSocket, until its exit code is there',
    peer: 'dockerCliExecMs',
  },
  dockerCliExecMs: { unit: 'ms', better: 'lower', what: '`docker exec` of `true` in the same container' },
  execProcessMs: {
    unit: 'ms',
    better: 'lower',
    what: '`true` in a running `process` sandbox through the host over WebSocket',
  },
  runscStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a `docker` sandbox in gVisor (runtime `runsc`; created, hardened, checked, started), from the call to "running"',
    peer: 'runscMs',
  },
  runscMs: {
    unit: 'ms',
    better: 'lower',
    what: '`docker run --detach --runtime runsc --network none` with the same image and program, until the command returns',
  },
  runscExecMs: {
    unit: 'ms',
    better: 'lower',
    what: '`true` in a running sandbox in gVisor through the host over WebSocket',
    peer: 'runscCliExecMs',
  },
  runscCliExecMs: { unit: 'ms', better: 'lower', what: '`docker exec` of `true` in a container with the same runtime' },
  runscDestroyMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a running sandbox in gVisor destroyed, until nothing of it is left',
  },
  runscBundleStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a `namespace` sandbox in gVisor (runtime `runsc`, without a daemon) with a main program, from the engine’s `start` to "running"',
    peer: 'runscBundleRunMs',
  },
  runscBundleRunMs: {
    unit: 'ms',
    better: 'lower',
    what: '`runsc run` of `true` in a bundle with a bare system, until it ends',
  },
  runscBundleExecMs: {
    unit: 'ms',
    better: 'lower',
    what: '`true` in such a sandbox through the engine, until its exit code is there',
    peer: 'runscBundleRunMs',
  },
  runscBundleDestroyMs: {
    unit: 'ms',
    better: 'lower',
    what: 'such a sandbox destroyed by the engine, until nothing of it is left',
  },
  podmanStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a `podman` sandbox (rootful; created, hardened, checked, started), from the call to "running"',
    peer: 'podmanCliRunMs',
  },
  podmanCliRunMs: {
    unit: 'ms',
    better: 'lower',
    what: '`podman run --detach --init --network none` with the same image and program, until the command returns',
  },
  podmanExecMs: {
    unit: 'ms',
    better: 'lower',
    what: '`true` in a running `podman` sandbox through the host over WebSocket, until its exit code is there',
    peer: 'podmanCliExecMs',
  },
  podmanCliExecMs: { unit: 'ms', better: 'lower', what: '`podman exec` of `true` in a container of the same image' },
  podmanDestroyMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a running `podman` sandbox destroyed, until nothing of it is left',
    peer: 'podmanCliRmMs',
  },
  podmanCliRmMs: { unit: 'ms', better: 'lower', what: '`podman rm --force --time 0` of such a container' },
  namespaceStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a `namespace` sandbox with a main program, from the engine’s `start` to "running" (isolated, limited, joinable)',
    peer: 'bwrapMs',
  },
  bwrapMs: { unit: 'ms', better: 'lower', what: '`bwrap --unshare-all … true` with a bare system, until it ends' },
  namespaceExecMs: {
    unit: 'ms',
    better: 'lower',
    what: '`true` in a running `namespace` sandbox through the engine, until its exit code is there',
    peer: 'bwrapMs',
  },
  namespaceDestroyMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a running `namespace` sandbox destroyed by the engine, until nothing of it is left',
  },
  virtualenvStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a `virtualenv` sandbox with a main program, its virtualenv made, from the call to "running"',
    peer: 'venvMs',
  },
  venvMs: { unit: 'ms', better: 'lower', what: '`python -m venv --without-pip` with the same Python' },
  virtualenvExecMs: {
    unit: 'ms',
    better: 'lower',
    what: '`true` in a running `virtualenv` sandbox through the host over WebSocket',
  },
  virtualenvDestroyMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a running `virtualenv` sandbox destroyed with its files, until nothing of it is left',
  },
  wasmStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'a module of WASI that does nothing, in a running `wasm` sandbox through the engine, until its exit code is there: by a process that stands by, with the module compiled',
    peer: 'wasmColdStartMs',
  },
  wasmColdStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'the same as the first command of a sandbox, by a new process',
  },
  quickjsStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'an empty script in QuickJS in the same way: by a process that stands by, with QuickJS started',
    peer: 'quickjsColdStartMs',
  },
  quickjsColdStartMs: { unit: 'ms', better: 'lower', what: 'the same by a new process' },
  pyodideStartMs: {
    unit: 'ms',
    better: 'lower',
    what: 'an empty script in Python in the same way: by a process that stands by, with Python started',
    peer: 'pyodideColdStartMs',
  },
  pyodideColdStartMs: { unit: 'ms', better: 'lower', what: 'the same by a new process, from the snapshot' },
  pyodideFirstStartMs: { unit: 'ms', better: 'lower', what: 'the same by a new process, without a snapshot' },
  fuelOverhead: {
    unit: '×',
    better: 'lower',
    what: 'a compute loop in a module whose instructions are counted, against the same module as it was',
  },
  wasmOverhead: {
    unit: '×',
    better: 'lower',
    what: 'a compute loop in a module, against the same loop in JavaScript as V8 compiles it',
  },
  wasmRssMB: {
    unit: 'MB',
    better: 'lower',
    what: 'resident memory of a module that waits, with its process and its wrapper, over that of a Node that waits',
  },
  functionWarmMs: {
    unit: 'ms',
    better: 'lower',
    what: 'an invocation of a `wasm` function in JavaScript whose instance is warm, through the host over WebSocket, history included',
    peer: 'functionProcessMs',
  },
  functionsPerSecond: {
    unit: '/s',
    better: 'higher',
    what: 'such invocations that are answered in a second, by two instances for eight callers',
    peer: 'functionsProcessPerSecond',
  },
  functionColdMs: {
    unit: 'ms',
    better: 'lower',
    what: 'the first invocation of such a function, its instance started',
  },
  functionProcessMs: {
    unit: 'ms',
    better: 'lower',
    what: 'the same function on the `process` engine: a Node and a sandbox of its own for each invocation',
  },
  functionsProcessPerSecond: {
    unit: '/s',
    better: 'higher',
    what: 'invocations of that one answered in a second, by two instances for eight callers',
  },
  execPerSecondProcess: {
    unit: '/s',
    better: 'higher',
    what: '`true` in `process` sandboxes that ended in a second: 50 programs at once, each with its own connection and sandbox',
    peer: 'spawnPerSecond',
  },
  spawnPerSecond: {
    unit: '/s',
    better: 'higher',
    what: 'the same `true` as bare child processes of Node, 50 at once',
  },
  createDestroyPerSecondProcess: {
    unit: '/s',
    better: 'higher',
    what: '`process` sandboxes made and destroyed in a second, by 50 programs at once',
  },
  mixedPerSecondProcess: {
    unit: '/s',
    better: 'higher',
    what: '`process` sandboxes made, used (four commands with input, output and exit codes; eleven calls on files; all of it checked) and destroyed in a second, by 50 programs at once',
  },
  execPerSecondNamespace: {
    unit: '/s',
    better: 'higher',
    what: 'the same as `execPerSecondProcess` in `namespace` sandboxes',
  },
  createDestroyPerSecondNamespace: {
    unit: '/s',
    better: 'higher',
    what: '`namespace` sandboxes made, started and destroyed in a second, by 50 programs at once',
  },
  mixedPerSecondNamespace: {
    unit: '/s',
    better: 'higher',
    what: 'the same as `mixedPerSecondProcess` with `namespace` sandboxes',
  },
  execPerSecondDocker: {
    unit: '/s',
    better: 'higher',
    what: 'the same as `execPerSecondProcess` in `docker` sandboxes',
    peer: 'dockerCliExecPerSecond',
  },
  dockerCliExecPerSecond: {
    unit: '/s',
    better: 'higher',
    what: '`docker exec` of `true` in one container, 50 at once',
  },
  createDestroyPerSecondDocker: {
    unit: '/s',
    better: 'higher',
    what: '`docker` sandboxes made, started and destroyed in a second, by 50 programs at once',
  },
  mixedPerSecondDocker: {
    unit: '/s',
    better: 'higher',
    what: 'the same as `mixedPerSecondProcess` with `docker` sandboxes',
  },
  consoleMBps: {
    unit: 'MB/s',
    better: 'higher',
    what: '`cat` of coloured log lines in a `process` sandbox, from the Enter key to the last line drawn in Chromium',
    peer: 'xtermParseMBps',
  },
  xtermParseMBps: {
    unit: 'MB/s',
    better: 'higher',
    what: 'the same bytes written straight into the same terminal, until the last line is drawn',
  },
  ptyReadMBps: {
    unit: 'MB/s',
    better: 'higher',
    what: 'the same `cat` on a bare terminal that is only read: what the kernel gives at this moment, the other ceiling',
  },
  consoleCtrlCMs: {
    unit: 'ms',
    better: 'lower',
    what: 'Ctrl+C after a second of `yes`, from the key press to the prompt drawn (all output before it is drawn too)',
  },
  listFirstPaintMs: {
    unit: 'ms',
    better: 'lower',
    what: 'the page opened from its link with an empty cache, from the navigation to 500 sandboxes listed on the screen',
  },
  hostRssMB: { unit: 'MB', better: 'lower', what: 'resident memory of a web host that has started and does nothing' },
  pageJsGzipKB: {
    unit: 'KB',
    better: 'lower',
    what: 'gzip of the JavaScript that the page fetches until the list is painted',
  },
  pageJsTotalGzipKB: { unit: 'KB', better: 'lower', what: 'gzip of all JavaScript of the page' },
} as const satisfies Readonly<Record<string, FigureInfo>>;

export type FigureName = keyof typeof figures;
export const figureNames = Object.keys(figures) as readonly FigureName[];

export const infoOf = (name: FigureName): FigureInfo => figures[name];

export const isFigureName = (name: string): name is FigureName => name in figures;
