/**
 * What the realm of Python gets from outside: functions that take and give numbers, text and bytes. Nothing else of
 * Node's is in the realm, and what they throw does not come into it, so that nothing can be reached from there.
 */
export interface RealmHost {
  /** Of a file of Pyodide's; -1 when there is none. */
  readonly size: (name: string) => number;
  readonly read: (name: string, into: Uint8Array) => void;
  readonly write: (fd: number, bytes: Uint8Array) => void;
  readonly input: (into: Uint8Array) => number;
  readonly complain: (text: string) => void;
  readonly uptimeMs: () => number;
  readonly timeMs: () => number;
  readonly random: (into: Uint8Array) => void;
  readonly decode: (encoding: string, bytes: Uint8Array) => string;
  readonly utf8Length: (text: string) => number;
  readonly encode: (text: string, into: Uint8Array) => void;
  readonly timer: (id: number, ms: number) => void;
  readonly sleep: (ms: number) => void;
  readonly columns: () => number;
  readonly rows: () => number;
  /** Pyodide's module. Of another realm: no guest may come by it. */
  readonly module: () => WebAssembly.Module;
  readonly instantiated: (exports: object, memory: object) => void;
  readonly growthRefused: () => void;
  /** What became of a `run`, as text. `type`: Python's name of an exception, or nothing. */
  readonly settled: (id: number, isDone: boolean, text: string, type: string) => void;
  /** A call about files: JSON in, JSON or `!` and an errno out. */
  readonly files: (call: string) => string;
  readonly fileRead: (fd: number, into: Uint8Array, position: number) => number;
  readonly fileWrite: (fd: number, bytes: Uint8Array, position: number) => number;
}

/** What is asked of the realm from outside. */
export interface RealmGuest {
  readonly fire: (id: number) => void;
  /** Options for `loadPyodide`. A snapshot is a file's name. */
  readonly options: (snapshot: string | null, makeSnapshot: boolean) => object;
  /** Ties a Pyodide that has just started to its files and streams. `roots` is JSON. */
  readonly connect: (pyodide: unknown, roots: string, workdir: string, terminal: boolean) => void;
  /** A buffer that interrupts Python once it is not 0. */
  readonly interruptBuffer: (pyodide: unknown) => SharedArrayBuffer;
  readonly snapshot: (pyodide: unknown) => Uint8Array;
  /** Runs with an event loop and tells `settled`: a promise that is awaited out there would be handed functions of there. */
  readonly run: (pyodide: unknown, source: string, id: number) => void;
  /** What Pyodide finds when it imports its second module. */
  readonly offer: (namespace: object) => void;
}

// Emscripten's own, as far as they are used here.
interface FsNode {
  name: string;
  readonly parent: FsNode;
  readonly mode: number;
  readonly mount: { readonly opts: { readonly root: string } };
  node_ops: object;
  stream_ops: object;
}
interface FsStream {
  readonly node: FsNode;
  readonly flags: number;
  readonly position: number;
  handle?: number;
}
interface Attributes {
  readonly size?: number;
  readonly atime?: number;
  readonly mtime?: number;
  readonly timestamp?: number;
}
interface Filesystem {
  readonly ErrnoError: new (errno: number) => Error;
  readonly createNode: (parent: FsNode | null, name: string, mode: number, device: number) => FsNode;
  readonly mkdirTree: (path: string) => void;
  readonly mount: (type: object, options: object, path: string) => void;
  readonly chdir: (path: string) => void;
  readonly isFile: (mode: number) => boolean;
}
interface Pyodide {
  readonly FS: Filesystem;
  readonly setStdin: (options: object) => void;
  readonly setStdout: (options: object) => void;
  readonly setStderr: (options: object) => void;
  readonly setInterruptBuffer: (buffer: Int32Array) => void;
  readonly makeMemorySnapshot: () => Uint8Array;
  readonly runPythonAsync: (source: string) => Promise<unknown>;
  readonly registerJsModule: (name: string, module: object) => void;
}

/**
 * Runs in the realm of Python: its source is taken from here as it stands, so it uses nothing from outside of
 * it. It makes the realm look like a browser's worker, which is what Pyodide needs to find.
 */
export function inside(given: RealmHost): RealmGuest {
  // A guest may change the realm: what keeps it in is held here from before.
  const { apply, construct } = Reflect;
  const { then } = Promise.prototype;
  const Failure = Error;
  const Text = String;
  const host = {} as { -readonly [name in keyof RealmHost]: RealmHost[name] };
  for (const [name, call] of Object.entries(given)) {
    Object.assign(host, {
      [name]: (...args: readonly unknown[]) => {
        try {
          return apply(call, undefined, args);
        } catch {
          // Not what it was: that is of the other realm, and so would be all that can be reached from it.
          throw new Failure('this cannot be done');
        }
      },
    });
  }
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  const bytesOf = (view: ArrayBuffer | ArrayBufferView) =>
    ArrayBuffer.isView(view) ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(view);
  const load = (url: unknown): Uint8Array => {
    const name = String(url).replace(/^app:\/*/, '');
    const size = host.size(name);
    if (size < 0) throw new Error(`there is no ${name}`);
    const bytes = new Uint8Array(size);
    host.read(name, bytes);
    return bytes;
  };

  define('self', globalThis);
  define('WorkerGlobalScope', { [Symbol.hasInstance]: (value: unknown) => value === globalThis });
  define('location', { href: 'app:///', toString: () => 'app:///' });
  define('navigator', { userAgent: 'Chrome' });
  define(
    'URL',
    class {
      readonly href: string;
      constructor(path: unknown, base: unknown = '') {
        const text = String(path);
        this.href = text.includes('://') ? text : String(base).replace(/[^/]*$/, '') + text.replace(/^\.\//, '');
      }
      get pathname() {
        return this.href.replace(/^[a-z]+:\/\//, '');
      }
      toString() {
        return this.href;
      }
    },
  );
  define('fetch', async (url: unknown) => {
    const bytes = load(url);
    return {
      ok: true,
      arrayBuffer: async () => bytes.buffer,
      text: async () => host.decode('utf-8', bytes),
      json: async () => JSON.parse(host.decode('utf-8', bytes)) as unknown,
    };
  });
  const complain = (...values: readonly unknown[]) =>
    host.complain(
      values.map((value) => (value instanceof Error ? (value.stack ?? String(value)) : String(value))).join(' '),
    );
  const ignore = () => undefined;
  define('console', { log: ignore, info: ignore, debug: ignore, warn: complain, error: complain });
  define('performance', { now: () => host.uptimeMs() });
  Date.now = () => host.timeMs();
  define('crypto', {
    getRandomValues(view: ArrayBufferView) {
      host.random(bytesOf(view));
      return view;
    },
  });
  define(
    'TextDecoder',
    class {
      readonly encoding: string;
      constructor(encoding = 'utf-8') {
        this.encoding = encoding;
      }
      decode(view?: ArrayBuffer | ArrayBufferView) {
        return view === undefined ? '' : host.decode(String(this.encoding), bytesOf(view));
      }
    },
  );
  const encode = (text: string) => {
    const bytes = new Uint8Array(host.utf8Length(text));
    host.encode(text, bytes);
    return bytes;
  };
  define(
    'TextEncoder',
    class {
      encode(text = '') {
        return encode(String(text));
      }
      encodeInto(text: string, view: Uint8Array) {
        const bytes = encode(text);
        view.set(bytes);
        return { read: text.length, written: bytes.length };
      }
    },
  );
  const timers = new Map<number, () => void>();
  let lastTimer = 0;
  define('setTimeout', (call: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    lastTimer += 1;
    timers.set(lastTimer, () => call(...args));
    host.timer(lastTimer, Number(ms) || 0);
    return lastTimer;
  });
  define('clearTimeout', (id: number) => void timers.delete(id));

  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = function growChecked(delta) {
    try {
      return Reflect.apply(grow, this, [delta]);
    } catch (error) {
      host.growthRefused();
      throw error;
    }
  };
  const { Instance, Module } = WebAssembly;
  let isStarted = false;
  WebAssembly.instantiateStreaming = async (_source, imports) => {
    // Another one would be measured instead.
    if (isStarted) throw new Failure('this can be done once');
    isStarted = true;
    const instance = construct(Instance, [host.module(), imports]) as WebAssembly.Instance;
    // The meter's counters stay out here: who has them could turn them back.
    const exports = Object.fromEntries(
      Object.entries(instance.exports).filter(([name]) => !name.startsWith('terrarium:')),
    );
    host.instantiated(instance.exports, instance.exports.memory as object);
    // What Pyodide wants to know of its module is in a module of this realm, which has nothing else in it.
    return { instance: { exports } as WebAssembly.Instance, module: new Module(load('dylink.wasm') as BufferSource) };
  };

  const MODE = { file: 0o100666, folder: 0o40777, link: 0o120777, other: 0o100000 } as const;
  const BLOCK = 4096;
  const filesystemOf = (FS: Filesystem) => {
    const call = (name: string, ...args: readonly unknown[]): unknown => {
      const answer = host.files(JSON.stringify([name, ...args]));
      if (answer.startsWith('!')) throw new FS.ErrnoError(Number(answer.slice(1)));
      return answer === '' ? undefined : JSON.parse(answer);
    };
    const checked = (result: number) => {
      if (result < 0) throw new FS.ErrnoError(-result);
      return result;
    };
    const pathOf = (node: FsNode, ...below: readonly string[]) => {
      const parts = [...below];
      let at = node;
      for (; at.parent !== at; at = at.parent) parts.unshift(at.name);
      return [at.mount.opts.root, ...parts].join('/');
    };
    type Stat = {
      readonly type: keyof typeof MODE;
      readonly size: number;
      readonly inode: number;
      readonly links: number;
      readonly accessedMs: number;
      readonly modifiedMs: number;
      readonly changedMs: number;
    };
    const make = (parent: FsNode | null, name: string, mode: number) => {
      const node = FS.createNode(parent, name, mode, 0);
      node.node_ops = nodes;
      node.stream_ops = streams;
      return node;
    };
    const nodes = {
      getattr(node: FsNode) {
        const { type, size, inode, links, accessedMs, modifiedMs, changedMs } = call('stat', pathOf(node)) as Stat;
        return {
          dev: 1,
          ino: inode,
          mode: MODE[type],
          nlink: links,
          uid: 0,
          gid: 0,
          rdev: 0,
          size,
          atime: new Date(accessedMs),
          mtime: new Date(modifiedMs),
          ctime: new Date(changedMs),
          blksize: BLOCK,
          blocks: Math.ceil(size / 512),
        };
      },
      setattr(node: FsNode, { size, atime, mtime, timestamp }: Attributes) {
        if (size !== undefined) call('truncate', pathOf(node), size);
        const accessed = atime ?? timestamp;
        const modified = mtime ?? timestamp;
        if (accessed !== undefined && modified !== undefined)
          call('setTimes', pathOf(node), Number(accessed), Number(modified));
      },
      lookup(parent: FsNode, name: string) {
        return make(parent, name, MODE[(call('stat', pathOf(parent, name)) as Stat).type]);
      },
      mknod(parent: FsNode, name: string, mode: number) {
        call((mode & 0o170000) === 0o40000 ? 'makeFolder' : 'makeFile', pathOf(parent, name));
        return make(parent, name, mode);
      },
      rename(node: FsNode, folder: FsNode, name: string) {
        call('move', pathOf(node), pathOf(folder, name));
        node.name = name;
      },
      unlink: (parent: FsNode, name: string) => call('remove', pathOf(parent, name)),
      rmdir: (parent: FsNode, name: string) => call('removeFolder', pathOf(parent, name)),
      readdir: (node: FsNode) => ['.', '..', ...(call('list', pathOf(node)) as string[])],
      symlink() {
        throw new FS.ErrnoError(63);
      },
      readlink: (node: FsNode) => call('readLink', pathOf(node)),
    };
    const streams = {
      open(stream: FsStream) {
        if (FS.isFile(stream.node.mode)) stream.handle = Number(call('open', pathOf(stream.node), stream.flags));
      },
      close(stream: FsStream) {
        if (stream.handle !== undefined) call('close', stream.handle);
      },
      read: (stream: FsStream, buffer: Int8Array, offset: number, length: number, position: number) =>
        checked(host.fileRead(stream.handle ?? -1, bytesOf(buffer).subarray(offset, offset + length), position)),
      write: (stream: FsStream, buffer: Int8Array, offset: number, length: number, position: number) =>
        checked(host.fileWrite(stream.handle ?? -1, bytesOf(buffer).subarray(offset, offset + length), position)),
      llseek(stream: FsStream, offset: number, whence: number) {
        const size = whence === 2 ? (call('stat', pathOf(stream.node)) as Stat).size : 0;
        const position = offset + (whence === 1 ? stream.position : size);
        if (position < 0) throw new FS.ErrnoError(28);
        return position;
      },
      mmap() {
        throw new FS.ErrnoError(43);
      },
    };
    return { mount: () => make(null, '/', MODE.folder) };
  };

  return {
    fire(id) {
      const call = timers.get(id);
      timers.delete(id);
      call?.();
    },
    options: (snapshot, makeSnapshot) => ({
      indexURL: 'app:///',
      lockFileURL: 'app:///pyodide-lock.json',
      packageBaseUrl: 'app:///',
      // Python gets its own when it begins, see `beginning`.
      env: {},
      jsglobals: {
        setTimeout: Reflect.get(globalThis, 'setTimeout'),
        clearTimeout: Reflect.get(globalThis, 'clearTimeout'),
      },
      ...(makeSnapshot ? { _makeSnapshot: true } : {}),
      ...(snapshot === null ? {} : { _loadSnapshot: load(snapshot) }),
    }),
    connect(pyodide, roots, workdir, terminal) {
      const { FS, setStdin, setStdout, setStderr, registerJsModule } = pyodide as Pyodide;
      registerJsModule('_terrarium', {
        sleep: (ms: number) => host.sleep(Number(ms)),
        columns: () => host.columns(),
        rows: () => host.rows(),
      });
      for (const root of JSON.parse(roots) as string[]) {
        FS.mkdirTree(root);
        FS.mount(filesystemOf(FS), { root }, root);
      }
      FS.chdir(workdir);
      const output = (fd: number) => (bytes: Uint8Array) => {
        host.write(fd, bytes);
        return bytes.length;
      };
      setStdin({ read: (bytes: Uint8Array) => host.input(bytes), isatty: terminal });
      setStdout({ write: output(1), isatty: terminal });
      setStderr({ write: output(2), isatty: terminal });
    },
    interruptBuffer(pyodide) {
      const shared = new SharedArrayBuffer(4);
      (pyodide as Pyodide).setInterruptBuffer(new Int32Array(shared));
      return shared;
    },
    snapshot: (pyodide) => (pyodide as Pyodide).makeMemorySnapshot(),
    run(pyodide, source, id) {
      const textOf = (value: unknown) => {
        try {
          return Text(value);
        } catch {
          return 'something that cannot be shown';
        }
      };
      const typeOf = (error: unknown) =>
        typeof error === 'object' && error !== null && 'type' in error ? textOf(error.type) : '';
      apply(then, (pyodide as Pyodide).runPythonAsync(source), [
        (value: unknown) => host.settled(id, true, textOf(value), ''),
        (error: unknown) => host.settled(id, false, textOf(error), typeOf(error)),
      ]);
    },
    offer: (namespace) =>
      void define('terrariumImport', async (specifier: unknown) => {
        if (!Text(specifier).endsWith('/pyodide.asm.mjs')) throw new Failure('there is no such module');
        return namespace;
      }),
  };
}
