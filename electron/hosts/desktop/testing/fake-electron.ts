// A stand-in for the module `electron`, which exists only inside Electron's binary. It records what
// it is given and lets a test raise Electron's events. Its shapes are checked against Electron's types.
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type {
  App,
  BrowserWindowConstructorOptions,
  Dialog,
  MenuItemConstructorOptions,
  MessageBoxOptions,
  Protocol,
  Rectangle,
  Screen,
  Session,
  Shell,
  WebContents,
} from 'electron';

type Arguments<T extends (...args: never[]) => unknown> = Parameters<T>;

const initial = {
  /** What the app was asked for, in order, e.g. `setPath userData /x`. */
  calls: [] as string[],
  singleInstance: true,
  isPackaged: false,
  switches: [] as string[],
  appPath: '',
  opened: [] as string[],
  openExternalError: null as Error | null,
  questions: [] as MessageBoxOptions[],
  /** The button that the user presses. */
  answer: 0,
  errorBoxes: [] as { readonly title: string; readonly content: string }[],
  windows: [] as BrowserWindow[],
  menu: [] as MenuItemConstructorOptions[],
  schemes: [] as Arguments<Protocol['registerSchemesAsPrivileged']>[0],
  pages: new Map<string, Arguments<Protocol['handle']>[1]>(),
  displays: [{ x: 0, y: 0, width: 1920, height: 1080 }] as Rectangle[],
  /** Listeners on IPC from a page. */
  ipcListeners: [] as string[],
};

/** All that was recorded, and what the fake answers. */
export const fake = structuredCloneOf(initial);

function structuredCloneOf(state: typeof initial): typeof initial {
  return { ...state, calls: [], opened: [], questions: [], errorBoxes: [], windows: [], menu: [], ipcListeners: [] };
}

/** Before each test. */
export function resetFake(): void {
  Object.assign(fake, structuredCloneOf(initial), { pages: new Map() });
  app.removeAllListeners();
  whenReady = Promise.withResolvers<void>();
}

let whenReady = Promise.withResolvers<void>();
export const becomeReady = (): void => whenReady.resolve();

const appMethods: Pick<
  App,
  | 'enableSandbox'
  | 'getAppPath'
  | 'getVersion'
  | 'setPath'
  | 'requestSingleInstanceLock'
  | 'whenReady'
  | 'exit'
  | 'quit'
> = {
  enableSandbox: () => {
    fake.calls.push('enableSandbox');
  },
  getAppPath: () => fake.appPath,
  getVersion: () => '9.9.9',
  setPath: (name, path) => {
    fake.calls.push(`setPath ${name} ${path}`);
  },
  requestSingleInstanceLock: () => fake.singleInstance,
  whenReady: () => whenReady.promise,
  exit: (code) => {
    fake.calls.push(`exit ${code}`);
  },
  quit: () => {
    fake.calls.push('quit');
    app.emit('before-quit', createEvent());
  },
};
export const app = Object.assign(new EventEmitter(), appMethods, {
  commandLine: { hasSwitch: (name: string) => fake.switches.includes(name) },
});
Object.defineProperty(app, 'isPackaged', { get: () => fake.isPackaged });

export interface FakeEvent {
  readonly defaultPrevented: boolean;
  readonly preventDefault: () => void;
}

export function createEvent<T extends object>(fields?: T): FakeEvent & T {
  let prevented = false;
  const event = {
    ...fields,
    get defaultPrevented() {
      return prevented;
    },
    preventDefault: () => {
      prevented = true;
    },
  };
  return event as FakeEvent & T;
}

/** Electron's ports emit `{data}` and know no `addEventListener`; these carry messages like the real ones. */
export class MessagePortMain extends EventEmitter {
  readonly #port: MessagePort;
  closed = false;
  constructor(port: MessagePort) {
    super();
    this.#port = port;
    port.on('close', () => {
      this.closed = true;
      this.emit('close');
    });
  }
  start(): void {
    this.#port.on('message', (data) => this.emit('message', { data, ports: [] }));
  }
  postMessage(data: unknown): void {
    this.#port.postMessage(data);
  }
  close(): void {
    this.#port.close();
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new MessagePortMain(port1);
    this.port2 = new MessagePortMain(port2);
  }
}

function createFrame(contents: FakeContents) {
  return {
    get url(): string {
      return contents.url;
    },
    postMessage(channel: string, _message: unknown, [port]: readonly [MessagePortMain]): void {
      contents.given.push({ channel, port });
    },
  };
}

export class FakeContents extends EventEmitter {
  url = '';
  reloads = 0;
  readonly given: { readonly channel: string; readonly port: MessagePortMain }[] = [];
  openHandler: Arguments<WebContents['setWindowOpenHandler']>[0] = () => ({ action: 'allow' });
  readonly mainFrame: ReturnType<typeof createFrame> = createFrame(this);
  setWindowOpenHandler(handler: Arguments<WebContents['setWindowOpenHandler']>[0]): void {
    this.openHandler = handler;
  }
  async loadURL(url: string): Promise<void> {
    this.url = url;
  }
  reload(): void {
    this.reloads++;
  }
}

export class BrowserWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents = new FakeContents();
  bounds: Rectangle;
  maximised = false;
  minimised = false;
  shown = 0;
  focused = 0;
  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    this.bounds = {
      x: options.x ?? 0,
      y: options.y ?? 0,
      width: options.width ?? 800,
      height: options.height ?? 600,
    };
    fake.windows.push(this);
    app.emit('web-contents-created', createEvent(), this.webContents);
  }
  getNormalBounds = () => this.bounds;
  isMaximized = () => this.maximised;
  maximize = () => {
    this.maximised = true;
  };
  isMinimized = () => this.minimised;
  restore = () => {
    this.minimised = false;
  };
  show = () => {
    this.shown++;
  };
  focus = () => {
    this.focused++;
  };
  /** As the user does with the window's own button. */
  close = () => {
    const event = createEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  };
  destroy = () => {
    this.webContents.emit('destroyed');
    this.emit('closed');
  };
}

interface FakeSession {
  request: Arguments<Session['setPermissionRequestHandler']>[0];
  check: Arguments<Session['setPermissionCheckHandler']>[0];
  device: Arguments<Session['setDevicePermissionHandler']>[0];
  blocked: readonly string[];
}

export const sessionState: FakeSession = { request: null, check: null, device: null, blocked: [] };

type SessionMethods = Pick<
  Session,
  'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'flushStorageData'
>;
const sessionMethods: SessionMethods = {
  setPermissionRequestHandler: (handler) => {
    sessionState.request = handler;
  },
  setPermissionCheckHandler: (handler) => {
    sessionState.check = handler;
  },
  setDevicePermissionHandler: (handler) => {
    sessionState.device = handler;
  },
  flushStorageData: () => undefined,
};
export const session = {
  defaultSession: {
    ...sessionMethods,
    webRequest: {
      onBeforeRequest(
        filter: { readonly urls: readonly string[] },
        listener: (d: object, cb: (r: object) => void) => void,
      ) {
        listener({}, (response) => {
          if ('cancel' in response && response.cancel === true) sessionState.blocked = filter.urls;
        });
      },
    },
  },
};

export const protocol: Pick<Protocol, 'registerSchemesAsPrivileged' | 'handle'> = {
  registerSchemesAsPrivileged: (schemes) => {
    fake.schemes = schemes;
  },
  handle: (scheme, handler) => {
    fake.pages.set(scheme, handler);
  },
};

export const shell: Pick<Shell, 'openExternal' | 'showItemInFolder'> = {
  openExternal: async (url) => {
    fake.opened.push(url);
    if (fake.openExternalError) throw fake.openExternalError;
  },
  showItemInFolder: (path) => {
    fake.opened.push(path);
  },
};

export const dialog = {
  async showMessageBox(...args: readonly [BrowserWindow, MessageBoxOptions] | readonly [MessageBoxOptions]) {
    fake.questions.push(args.length === 2 ? args[1] : args[0]);
    return { response: fake.answer, checkboxChecked: false };
  },
  showErrorBox: ((title, content) => {
    fake.errorBoxes.push({ title, content });
  }) satisfies Dialog['showErrorBox'],
};

export const Menu = {
  buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
  setApplicationMenu: (menu: MenuItemConstructorOptions[]) => {
    fake.menu = menu;
  },
};

export const ipcMain = {
  on: (channel: string) => fake.ipcListeners.push(channel),
  handle: (channel: string) => fake.ipcListeners.push(channel),
};

export const nativeTheme = { shouldUseDarkColors: true };

type AllDisplays = ReturnType<Screen['getAllDisplays']>[number]['workArea'];
const displayOf = (workArea: AllDisplays) => ({ workArea });
export const screen = {
  getPrimaryDisplay: () => displayOf(fake.displays[0] ?? { x: 0, y: 0, width: 1280, height: 720 }),
  getAllDisplays: () => fake.displays.map(displayOf),
};
