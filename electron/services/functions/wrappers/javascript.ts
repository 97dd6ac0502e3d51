/**
 * Runs a handler once in a fresh Node. Standard input: one line of JSON (`WrapperInput`), then the payload. What it
 * writes to standard output before the marker's line is the function's own, after it comes one line of JSON
 * (`WrapperEnvelope`), then the result. The code may be a module that exports its handler, assign to `exports`, or just
 * have a function of that name.
 */
export const javascriptWrapper = String.raw`
const vm = require('node:vm');
const write = process.stdout.write.bind(process.stdout);
const begin = { cpu: process.cpuUsage() };
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', () => {
  const input = Buffer.concat(chunks);
  const head = input.indexOf(10);
  run(JSON.parse(input.subarray(0, head).toString()), input.subarray(head + 1).toString());
});
function run({ marker, code, handler, env, check, most }, payload) {
  let isDone = false;
  const done = (envelope, result = '') => {
    if (isDone) return;
    isDone = true;
    const { user, system } = process.cpuUsage(begin.cpu);
    const used = { cpuMs: (user + system) / 1000, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 };
    write('\x1e' + marker + '\n' + JSON.stringify({ ...envelope, ...used }) + '\n' + result, () => process.exit(0));
  };
  // Node tells the place of a syntax error in scripts only: the same text as one has it at the same place.
  const placeOf = (error) => {
    const blank = (text) => text.replace(/[^\n]/g, ' ');
    const script = code
      .replace(/^[ \t]*export[ \t]+(?:default[ \t]+)?(?=[a-zA-Z(])/gm, blank)
      .replace(/^[ \t]*(?:export[ \t]*{[^}]*}|import\b[^(.;'"]*)(?:['"][^'"]*['"])?/gm, blank);
    try {
      new vm.Script('(async () => {' + script + '\n})', { filename: 'function.js' });
    } catch (other) {
      if (other.message === error.message) return other.stack;
    }
    return null;
  };
  let isLoading = true;
  const threw = (error) => {
    const isError = error !== null && typeof error === 'object' && 'message' in error;
    const place = isLoading && error instanceof SyntaxError ? placeOf(error) : null;
    const stack = place ?? (isError ? String(error.stack ?? '') : '');
    const line = /^function\.js:(\d+)/m.exec(stack) ?? /function\.js:(\d+)/.exec(stack);
    done({
      type: 'threw',
      name: isError ? String(error.name ?? 'Error') : 'Error',
      message: (isError ? String(error.message) : String(error)).slice(0, 8192),
      stack: stack.split('\n').filter((line) => !/\(?(?:\[eval\]|node:)/.test(line)).join('\n').slice(0, 16384),
      line: line ? Number(line[1]) : null,
    });
  };
  process.on('uncaughtException', threw);
  process.on('unhandledRejection', threw);
  process.on('exit', (code) => {
    if (isDone) return;
    const message = 'The process ended (code ' + code + ') before the handler returned';
    const used = { cpuMs: null, peakMemoryBytes: null };
    const envelope = { type: 'threw', name: 'Exit', message, stack: '', line: null, ...used };
    require('node:fs').writeSync(1, '\x1e' + marker + '\n' + JSON.stringify(envelope) + '\n');
  });
  const importModuleDynamically = (name) => import(name);
  const link = async (name) => {
    const namespace = await import(name);
    const names = Object.keys(namespace);
    return new vm.SyntheticModule(names, function () {
      for (const each of names) this.setExport(each, namespace[each]);
    });
  };
  const make = (text) => new vm.SourceTextModule(text, { identifier: 'function.js', importModuleDynamically });
  const compile = () => {
    try {
      // So that it is found whether it is exported or not.
      return make(code + '\n;export { ' + handler + ' as __handler };');
    } catch {
      return make(code);
    }
  };
  (async () => {
    globalThis.require = require;
    globalThis.module = { exports: {} };
    globalThis.exports = globalThis.module.exports;
    const module = compile();
    isLoading = false;
    await module.link(link);
    await module.evaluate();
    const own = module.namespace.__handler ?? module.namespace[handler] ?? globalThis.module.exports[handler];
    if (typeof own !== 'function') throw new ReferenceError('The code has no function ' + handler);
    if (check) return done({ type: 'loaded' });
    begin.cpu = process.cpuUsage();
    const value = await own(JSON.parse(payload), { env });
    const result = value === undefined ? 'null' : JSON.stringify(value);
    if (result === undefined) throw new TypeError('The handler returned what JSON cannot carry: ' + typeof value);
    if (Buffer.byteLength(result) > most) return done({ type: 'tooLarge' });
    done({ type: 'returned' }, result);
  })().catch(threw);
}
`;
