/** What the host does for a guest in QuickJS. Text and numbers only, and bytes as an `ArrayBuffer`. */
export interface HostCalls {
  readonly write: (fd: number, text: string) => void;
  readonly writeOutput: (fd: number, bytes: ArrayBuffer) => void;
  readonly readBytes: (path: string) => ArrayBuffer;
  readonly writeBytes: (path: string, bytes: ArrayBuffer, append: boolean) => void;
  /** JSON: `{ type, size, modifiedMs }`, or `null` where nothing is. */
  readonly stat: (path: string) => string;
  /** JSON: names. */
  readonly list: (path: string) => string;
  readonly makeFolder: (path: string) => void;
  readonly remove: (path: string) => void;
  readonly rename: (from: string, to: string) => void;
  readonly input: (line: boolean) => ArrayBuffer;
  readonly exit: (code: number) => void;
  readonly sleep: (ms: number) => void;
  readonly now: () => number;
  /** JSON: `{ args, env, cwd, columns, rows }`. */
  readonly facts: () => string;
}

/** What the host asks of the guest's side. */
export interface GuestCalls {
  /** Before the guest's code: only then it is known what it is given. */
  readonly begin: () => void;
  /** Milliseconds until the next timer; -1 when there is none. */
  readonly wait: () => number;
  readonly fire: () => void;
  /** Follows a promise; `state` tells what became of it. */
  readonly follow: (promise: Promise<unknown>) => void;
  /** `pending`, `done`, or `failed`; then what it gave as text, in lines. */
  readonly state: () => string;
}

/**
 * Runs inside QuickJS, before anything of the guest's: its source is taken from here as it stands, so it uses
 * nothing from outside of it. It gives the guest `console`, `std` and timers.
 */
export function prelude(host: HostCalls): GuestCalls {
  const MOST_DEPTH = 4;
  const MOST_ITEMS = 100;

  const quote = (text: string) => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
  const describeError = (error: Error) => {
    const head = `${error.name}: ${error.message}`;
    return error.stack ? `${head}\n${error.stack.trimEnd()}` : head;
  };
  const inspect = (value: unknown, depth: number, seen: readonly object[]): string => {
    if (typeof value === 'string') return quote(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'symbol') return value.toString();
    if (typeof value === 'function') {
      const isClass = Function.prototype.toString.call(value).startsWith('class');
      return `[${isClass ? 'class' : 'Function'}: ${value.name || '(anonymous)'}]`;
    }
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
    if (seen.includes(value)) return '[Circular]';
    if (value instanceof Error) return describeError(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return 'Promise {}';
    const inner = (item: unknown) => inspect(item, depth + 1, [...seen, value]);
    const maker: unknown = value.constructor;
    const name = typeof maker === 'function' && maker !== Object ? `${maker.name} ` : '';
    if (depth >= MOST_DEPTH) return Array.isArray(value) ? '[Array]' : `[${name.trim() || 'Object'}]`;
    const wrap = (open: string, items: readonly string[], close: string) => {
      const shown =
        items.length > MOST_ITEMS ? [...items.slice(0, MOST_ITEMS), `… ${items.length - MOST_ITEMS} more`] : items;
      if (shown.length === 0) return `${open}${close}`;
      const line = `${open} ${shown.join(', ')} ${close}`;
      return line.length <= 76 && !line.includes('\n')
        ? line
        : `${open}\n${shown.map((each) => `  ${each.replace(/\n/g, '\n  ')}`).join(',\n')}\n${close}`;
    };
    if (Array.isArray(value)) return wrap('[', value.map(inner), ']');
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const items = Array.from(value as unknown as ArrayLike<number>);
      return `${name.trim()}(${items.length}) ${wrap('[', items.map(String), ']')}`;
    }
    if (value instanceof Map) {
      return `Map(${value.size}) ${wrap(
        '{',
        [...value].map(([key, item]) => `${inner(key)} => ${inner(item)}`),
        '}',
      )}`;
    }
    if (value instanceof Set) return `Set(${value.size}) ${wrap('{', [...value].map(inner), '}')}`;
    const entries = Object.entries(value).map(([key, item]) => {
      return `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key)}: ${inner(item)}`;
    });
    return `${name}${wrap('{', entries, '}')}`;
  };
  const show = (value: unknown) => (typeof value === 'string' ? value : inspect(value, 0, []));

  /** `%s`, `%d` and their like in the first of several. */
  const format = (values: readonly unknown[]): string => {
    const [first, ...rest] = values;
    if (typeof first !== 'string' || rest.length === 0) return values.map(show).join(' ');
    let used = 0;
    const text = first.replace(/%[sdifoOj%]/g, (mark) => {
      if (mark === '%%') return '%';
      if (used >= rest.length) return mark;
      const value = rest[used];
      used += 1;
      if (mark === '%s') return show(value);
      if (mark === '%d' || mark === '%f') return String(Number(value));
      if (mark === '%i') return String(Math.trunc(Number(value)));
      return mark === '%j' ? JSON.stringify(value) : inspect(value, 0, []);
    });
    return [text, ...rest.slice(used).map(show)].join(' ');
  };

  const to =
    (fd: number) =>
    (...values: readonly unknown[]) =>
      host.write(fd, `${format(values)}\n`);
  const counts = new Map<string, number>();
  const timings = new Map<string, number>();
  const console = {
    log: to(1),
    info: to(1),
    debug: to(1),
    dir: (value: unknown) => host.write(1, `${inspect(value, 0, [])}\n`),
    warn: to(2),
    error: to(2),
    trace: (...values: readonly unknown[]) => host.write(2, `Trace: ${format(values)}\n${new Error().stack ?? ''}`),
    assert(condition: unknown, ...values: readonly unknown[]) {
      if (!condition) host.write(2, `Assertion failed${values.length === 0 ? '' : `: ${format(values)}`}\n`);
    },
    count(label = 'default') {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      host.write(1, `${label}: ${counts.get(label)}\n`);
    },
    time: (label = 'default') => void timings.set(label, host.now()),
    timeEnd(label = 'default') {
      host.write(1, `${label}: ${(host.now() - (timings.get(label) ?? host.now())).toFixed(3)} ms\n`);
    },
  };

  interface Timer {
    readonly at: number;
    readonly every: number | null;
    readonly call: () => void;
  }
  const timers = new Map<number, Timer>();
  let lastTimer = 0;
  const add = (every: boolean, call: unknown, ms: number, args: readonly unknown[]) => {
    if (typeof call !== 'function') throw new TypeError('the first argument must be a function');
    lastTimer += 1;
    const delay = Math.max(Number(ms) || 0, 1);
    timers.set(lastTimer, { at: host.now() + delay, every: every ? delay : null, call: () => call(...args) });
    return lastTimer;
  };
  const earliest = () => [...timers].toSorted(([a, { at }], [b, other]) => at - other.at || a - b)[0];

  const toBytes = (data: unknown): ArrayBuffer => {
    if (data instanceof ArrayBuffer) return data;
    if (ArrayBuffer.isView(data)) {
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer as ArrayBuffer;
    }
    return encode(String(data));
  };
  const encode = (text: string): ArrayBuffer => {
    const escaped = unescape(encodeURIComponent(text.toWellFormed()));
    return Uint8Array.from(escaped, (character) => character.charCodeAt(0)).buffer as ArrayBuffer;
  };
  const decode = (buffer: ArrayBuffer): string => {
    const bytes = new Uint8Array(buffer);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    try {
      return decodeURIComponent(escape(text));
    } catch {
      return text; // not UTF-8: a character for each byte
    }
  };
  const facts = () =>
    JSON.parse(host.facts()) as {
      args: string[];
      env: Record<string, string>;
      cwd: string;
      columns: number;
      rows: number;
    };

  const std = {
    args: [] as readonly string[],
    env: {} as Readonly<Record<string, string>>,
    cwd: () => facts().cwd,
    terminalSize: () => ({ columns: facts().columns, rows: facts().rows }),
    readFile: (path: string) => decode(host.readBytes(String(path))),
    readBytes: (path: string) => new Uint8Array(host.readBytes(String(path))),
    writeFile: (path: string, data: unknown) => host.writeBytes(String(path), toBytes(data), false),
    appendFile: (path: string, data: unknown) => host.writeBytes(String(path), toBytes(data), true),
    exists: (path: string) => host.stat(String(path)) !== 'null',
    stat(path: string) {
      const found: unknown = JSON.parse(host.stat(String(path)));
      if (found === null) throw new Error(`ENOENT: ${path}`);
      return found;
    },
    list: (path = '.') => JSON.parse(host.list(String(path))) as string[],
    makeFolder: (path: string) => host.makeFolder(String(path)),
    remove: (path: string) => host.remove(String(path)),
    rename: (from: string, to: string) => host.rename(String(from), String(to)),
    readInput: () => decode(host.input(false)),
    readInputBytes: () => new Uint8Array(host.input(false)),
    readLine() {
      const bytes = host.input(true);
      return bytes.byteLength === 0 ? null : decode(bytes).replace(/\r?\n$/, '');
    },
    write: (data: unknown) => host.write(1, String(data)),
    writeBytes: (data: unknown) => host.writeOutput(1, toBytes(data)),
    sleep: (ms: number) => host.sleep(Number(ms)),
    exit: (code = 0) => host.exit(Number(code)),
    inspect: (value: unknown) => inspect(value, 0, []),
  };

  const globals: Readonly<Record<string, unknown>> = {
    console,
    std,
    print: (...values: readonly unknown[]) => host.write(1, `${values.map(String).join(' ')}\n`),
    setTimeout: (call: unknown, ms: number, ...args: readonly unknown[]) => add(false, call, ms, args),
    setInterval: (call: unknown, ms: number, ...args: readonly unknown[]) => add(true, call, ms, args),
    clearTimeout: (id: number) => void timers.delete(id),
    clearInterval: (id: number) => void timers.delete(id),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }

  let outcome = 'pending';
  return {
    begin() {
      const { args, env } = facts();
      std.args = args;
      std.env = env;
    },
    wait() {
      const next = earliest();
      return next ? Math.max(next[1].at - host.now(), 0) : -1;
    },
    fire() {
      const next = earliest();
      if (!next || next[1].at > host.now()) return;
      const [id, { every, call }] = next;
      if (every === null) timers.delete(id);
      else timers.set(id, { at: host.now() + every, every, call });
      call();
    },
    follow(promise) {
      outcome = 'pending';
      promise.then(
        (result) => {
          // A script's promise gives its last value in a box; a module's gives what it exports.
          const value = typeof result === 'object' && result !== null && 'value' in result ? result.value : undefined;
          outcome = `done\n${value === undefined ? '' : inspect(value, 0, [])}`;
        },
        (reason) => {
          outcome = `failed\n${reason instanceof Error ? describeError(reason) : inspect(reason, 0, [])}`;
        },
      );
    },
    state: () => outcome,
  };
}
