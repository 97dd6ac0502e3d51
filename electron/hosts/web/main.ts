import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import open from 'open';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { openHome } from '../home.ts';
import { homeFolder } from '../home-folder.ts';
import { createHost } from '../host.ts';
import { openLog } from '../log.ts';
import { createAuth, LINK_LIFETIME_MS } from './auth.ts';
import { createRpcSockets } from './rpc-socket.ts';
import { linkToRunningHost } from './running-host.ts';
import { LARGEST_MESSAGE, startWebServer, type WebServer, type WebServerOptions } from './server.ts';
import { FOLDER_IN_USE, removeState, writeState } from './state-file.ts';

/** Where a browser finds Terrarium again after a restart, when nobody else has taken it. */
const USUAL_PORT = 7411;

const root = join(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

async function serve(port: number | undefined): Promise<void> {
  const home = openHome(homeFolder());
  const log = openLog(home.path);
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'a rejection that nobody handled'));
  process.on('uncaughtException', (error) => {
    // What state it left is unknown: end, and leave the reason behind. Sandboxes go on.
    log.fatal({ err: error }, 'the host ends of an error that nobody caught');
    console.error(error);
    process.exit(1);
  });
  const host = createHost({ kind: 'web', version, home, log });
  const auth = createAuth(host.memory('web-sessions'));
  const server = await listen(port, {
    pageFolder: join(root, 'dist/page'),
    auth,
    log,
    onSocket: createRpcSockets(host.router, log),
    api: once(async () => {
      const { createHttpApi } = await import('./api/http-api.ts');
      return createHttpApi({ router: host.router, log, version, largestBody: LARGEST_MESSAGE });
    }),
  });
  await writeState(home.path, { pid: process.pid, port: server.port, token: auth.bearer });
  log.info({ port: server.port, version }, 'web host started');
  await show('Terrarium is at', link(server.port, auth.newLinkToken()));
  console.log('Press Ctrl+C to stop it. Sandboxes go on running.');

  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    await server.close();
    await host.dispose();
    await removeState(home.path);
    home.release();
    process.exit(0);
  };
  process.on('SIGINT', () => void end());
  process.on('SIGTERM', () => void end());
}

/** The port that was asked for, or the usual one, or (when that is taken) any free one. */
async function listen(port: number | undefined, options: Omit<WebServerOptions, 'port'>): Promise<WebServer> {
  try {
    return await startWebServer({ ...options, port: port ?? USUAL_PORT });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (port === undefined && code === 'EADDRINUSE') return startWebServer({ ...options, port: 0 });
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EADDRINUSE' ? 'is used by another program' : 'is kept for the system';
    throw new AppError('invalid_input', `Port ${port ?? USUAL_PORT} ${why}`, {
      hint: 'Give another number with --port, or leave it out.',
      cause: error,
    });
  }
}

/** Prints the link and, where there is a display, opens it. */
async function show(words: string, url: string): Promise<void> {
  console.log(`${words} ${url}`);
  console.log(`(The link works once, within ${LINK_LIFETIME_MS / 60_000} minutes; start Terrarium again for another.)`);
  const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (values['no-open'] || !hasDisplay) return;
  try {
    await open(url);
  } catch (error) {
    console.log(
      `No browser could be opened (${error instanceof Error ? error.message : String(error)}): open the link yourself.`,
    );
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function link(port: number, token: string): string {
  return `http://127.0.0.1:${port}/#token=${token}`;
}

const { values } = parseArgs({ options: { port: { type: 'string' }, 'no-open': { type: 'boolean', default: false } } });
const port = values.port === undefined ? undefined : Number(values.port);
if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
  console.error(`--port takes a number from 0 to 65535, not "${values.port}".`);
  process.exit(2);
}

try {
  await serve(port);
} catch (error) {
  const running = isAppError(error, 'conflict') ? await linkToRunningHost(homeFolder()) : null;
  if (running) {
    await show('Terrarium runs already, at', link(running.port, running.token));
    if (port !== undefined && port !== 0 && port !== running.port) {
      console.error(`Its port stays ${running.port}: to have ${port}, stop it first.`);
      process.exit(1);
    }
    process.exit(0);
  }
  if (!isAppError(error)) throw error;
  console.error(`${error.message}. ${error.hint ?? ''}`);
  process.exit(error.code === 'conflict' ? FOLDER_IN_USE : 1);
}
