import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { openHome } from '../home.ts';
import { homeFolder } from '../home-folder.ts';
import { createHost } from '../host.ts';
import { openLog } from '../log.ts';
import { createAuth } from './auth.ts';
import { linkTo, ONCE, openLink } from './link.ts';
import { createRpcSockets } from './rpc-socket.ts';
import { linkToRunningHost } from './running-host.ts';
import { LARGEST_MESSAGE, startWebServer, type WebServer, type WebServerOptions } from './server.ts';
import { removeState, writeState } from './state-file.ts';

/** Where a browser finds Terrarium again after a restart, when nobody else has taken it. */
const USUAL_PORT = 7411;

const root = join(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

export interface WebHostOptions {
  /** 0: any free one; undefined: the usual one, or any when that is taken. */
  readonly port: number | undefined;
  /** Whether its page is opened where there is a display. */
  readonly opens: boolean;
}

async function serve({ port, opens }: WebHostOptions): Promise<void> {
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
  await show('Terrarium is at', linkTo(server.port, auth.newLinkToken()), opens);
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

/** Prints the link and, where it is wanted and there is a display, opens it. */
async function show(words: string, url: string, isOpened: boolean): Promise<void> {
  console.log(`${words} ${url}`);
  console.log(`(${ONCE}; start Terrarium again for another.)`);
  const problem = isOpened ? await openLink(url) : null;
  if (problem !== null) console.log(problem);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * Runs the web host in this process until SIGINT or SIGTERM, which end the process. Where one runs already its link is
 * shown instead (`shown`). Throws `conflict` when another host has the state folder and gives no link, `invalid_input`
 * for a port that cannot be had: what was begun then ends with the process only.
 */
export async function runWebHost(options: WebHostOptions): Promise<'runs' | 'shown'> {
  const { port, opens } = options;
  try {
    await serve(options);
    return 'runs';
  } catch (error) {
    const running = isAppError(error, 'conflict') ? await linkToRunningHost(homeFolder()) : null;
    if (!running) throw error;
    await show('Terrarium runs already, at', linkTo(running.port, running.token), opens);
    if (port !== undefined && port !== 0 && port !== running.port) {
      throw new AppError('invalid_input', `Its port stays ${running.port}`, {
        hint: `To have ${port}, stop it first.`,
      });
    }
    return 'shown';
  }
}
