import type { Piece, Programs } from '../engine-contract/programs.ts';

const FLOOD_LINE = '0123456789abcde';

/** The contract's programs in JavaScript, for QuickJS. */
export const javaScriptPrograms: Programs = (() => {
  const js = (script: string, ...args: readonly string[]) => ['js', '-e', script, ...args];
  const text = (value: unknown) => JSON.stringify(value);
  const piece = (each: Piece) =>
    'out' in each ? `std.write(${text(each.out)});` : `console.error(${text(each.err.replace(/\n$/, ''))});`;
  const forever = 'await new Promise(() => setTimeout(() => {}, 1e9));';
  const flood = (bytes: number) =>
    `const piece = ${text(`${FLOOD_LINE}\n`)}.repeat(4096); let left = ${bytes}; while (left > 0) { std.write(left < piece.length ? piece.slice(0, left) : piece); left -= piece.length }`;
  return {
    shell: false,
    nothing: js(''),
    exits: (code) => js(`std.exit(${code})`),
    prints: (pieces, code = 0) => js(`${pieces.map(piece).join('')} std.exit(${code})`),
    printsArguments: (args) => js("std.write(std.args.map((each) => each + '|').join(''))", ...args),
    countsInput: js('console.log(std.readInputBytes().length)'),
    copiesInput: js('std.writeBytes(std.readInputBytes())'),
    ignoresInput: (code) => js(`std.exit(${code})`),
    printsEnvironment: (names) =>
      js(`console.log('[' + ${text(names)}.map((name) => std.env[name] ?? '').join(' ') + ']')`),
    printsWorkdir: js('console.log(std.cwd())'),
    writesFile: (path, content) => js(`std.writeFile(${text(path)}, ${text(content)})`),
    printsFile: (path) => js(`std.write(std.readFile(${text(path)}))`),
    findsFile: (path) => js(`std.exit(std.exists(${text(path)}) ? 0 : 1)`),
    floods: (bytes, thenFile) =>
      js(`${flood(bytes)}${thenFile === undefined ? '' : `; std.writeFile(${text(thenFile)}, '')`}`),
    floodsForever: js(flood(1e15)),
    counts: (last) =>
      js(
        `let lines = []; for (let n = 1; n <= ${last}; n++) { lines.push(n); if (lines.length === 10000 || n === ${last}) { std.write(lines.join('\\n') + '\\n'); lines = [] } }`,
      ),
    waits: (marker) => js(forever, marker),
    printsAndWaits: (content, marker) => js(`std.write(${text(content)}); ${forever}`, marker),
    waitsForFile: (path) =>
      js(`console.log('early'); while (!std.exists(${text(path)})) std.sleep(50); console.log('late'); ${forever}`),
    takesItsTime: js("console.log('first'); std.sleep(1000); console.log('last')"),
    sleeps: (seconds, code = 0) => js(`std.sleep(${seconds * 1000}); std.exit(${code})`),
    burns: js('while (true) {}'),
    takesMemory: (bytes, andWaits) => js(`const taken = new Uint8Array(${bytes}).fill(1); ${andWaits ? forever : ''}`),
    connects: (address, port) =>
      js(
        `let said = 'nothing'; try { said = await (await fetch('http://${address}:${port}')).text() } catch (error) { if (error.name !== 'ReferenceError') said = error.message } console.log(said)`,
      ),
    console: {
      argv: undefined,
      computes: "print('<' + 6 * 7 + '>')",
      hangs: (go) => `print('go' + (${go} + 0)); while (true) {}`,
      says: (word, number) => `print('${word}' + (${number} + 0))`,
      keeps: (word) => `globalThis.kept = '${word}'`,
      recalls: "print('<' + kept + '>')",
      size: "print(std.terminalSize().rows + ' ' + std.terminalSize().columns)",
    },
    echoesLine: js("console.log('<' + std.readLine() + '>')"),
  };
})();

/** The same in Python: for Pyodide, and for a CPython that is a module of WASI. */
export function pythonPrograms(where: 'pyodide' | 'wasi'): Programs {
  const python = (script: string, ...args: readonly string[]) => ['python', '-c', script, ...args];
  // JSON's text is Python's as well.
  const text = (value: unknown) => JSON.stringify(value);
  const piece = (each: Piece) =>
    'out' in each
      ? `sys.stdout.write(${text(each.out)})\nsys.stdout.flush()\n`
      : `print(${text(each.err.replace(/\n$/, ''))}, file=sys.stderr, flush=True)\n`;
  const forever = 'import time; time.sleep(1e6)';
  const flood = (bytes: number) =>
    `import sys\npiece = ${text(`${FLOOD_LINE}\n`)}.encode() * 4096\nleft = ${bytes}\nwhile left > 0:\n    sys.stdout.buffer.write(piece[:left]); sys.stdout.buffer.flush(); left -= len(piece)\n`;
  return {
    shell: false,
    nothing: python(''),
    exits: (code) => python(`raise SystemExit(${code})`),
    prints: (pieces, code = 0) => python(`import sys\n${pieces.map(piece).join('')}sys.exit(${code})`),
    printsArguments: (args) =>
      python("import sys; print(''.join(each + '|' for each in sys.argv[1:]), end='')", ...args),
    countsInput: python('import sys; print(len(sys.stdin.buffer.read()))'),
    copiesInput: python('import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())'),
    ignoresInput: (code) => python(`raise SystemExit(${code})`),
    printsEnvironment: (names) =>
      python(`import os; print('[' + ' '.join(os.environ.get(name, '') for name in ${text(names)}) + ']')`),
    // CPython's WASI build begins in what libc calls `/`.
    printsWorkdir: python("import os; print(os.environ['PWD'])"),
    writesFile: (path, content) => python(`open(${text(path)}, 'w').write(${text(content)})`),
    printsFile: (path) => python(`print(open(${text(path)}).read(), end='')`),
    findsFile: (path) => python(`import os; raise SystemExit(0 if os.path.exists(${text(path)}) else 1)`),
    floods: (bytes, thenFile) =>
      python(`${flood(bytes)}${thenFile === undefined ? '' : `open(${text(thenFile)}, 'w').close()`}`),
    floodsForever: python(flood(1e15)),
    counts: (last) => python(`print('\\n'.join(map(str, range(1, ${last} + 1))))`),
    waits: (marker) => python(forever, marker),
    printsAndWaits: (content, marker) => python(`print(${text(content)}, end='', flush=True)\n${forever}`, marker),
    waitsForFile: (path) =>
      python(
        `import os, time\nprint('early', flush=True)\nwhile not os.path.exists(${text(path)}): time.sleep(0.05)\nprint('late', flush=True)\n${forever}`,
      ),
    takesItsTime: python("import time; print('first', flush=True); time.sleep(1); print('last')"),
    sleeps: (seconds, code = 0) => python(`import time; time.sleep(${seconds}); raise SystemExit(${code})`),
    burns: python('while True: pass'),
    takesMemory: (bytes, andWaits) => python(`taken = b'x' * ${bytes}\n${andWaits ? forever : ''}`),
    connects: (address, port) =>
      python(
        `import socket\nsaid = 'nothing'\ntry:\n    with socket.create_connection((${text(address)}, ${port}), 2) as server: said = server.recv(100)\nexcept (OSError, AttributeError): pass\nprint(said)`,
      ),
    console: {
      argv: where === 'wasi' ? ['python', '-i', '-q'] : undefined,
      computes: "print('<' + str(6 * 7) + '>')",
      hangs: where === 'wasi' ? null : (go) => `exec("print('go' + str(${go}), flush=True)\\nwhile True: pass")`,
      says: (word, number) => `print('${word}' + str(${number}))`,
      keeps: (word) => `kept = '${word}'`,
      recalls: "print('<' + kept + '>')",
      size: where === 'wasi' ? null : 'import os; print(os.get_terminal_size().lines, os.get_terminal_size().columns)',
    },
    echoesLine: python("print('<' + input() + '>')"),
  };
}
