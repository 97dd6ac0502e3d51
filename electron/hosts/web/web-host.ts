import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { openHome } from '../home.ts';
import { homeFolder } from '../home-folder.ts';
import { createHost } from '../host.ts';
import { openLog } from '../log.ts';
import { linkTo, ONCE } from '../server/link.ts';
import { linkToRunningHost } from '../server/running-host.ts';
import { serveHost } from '../server/serve-host.ts';
import { openLink } from './open-link.ts';

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
  const served = await serveHost({ host, home: home.path, log, version, pageFolder: join(root, 'dist/page'), port });
  log.info({ port: served.port, version }, 'web host started');
  await show('Terrarium is at', linkTo(served.port, served.newLinkToken()), opens);
  console.log('Press Ctrl+C to stop it. Sandboxes go on running.');

  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    await served.close();
    await host.dispose();
    home.release();
    process.exit(0);
  };
  process.on('SIGINT', () => void end());
  process.on('SIGTERM', () => void end());
}

/** Prints the link and, where it is wanted and there is a display, opens it. */
async function show(words: string, url: string, isOpened: boolean): Promise<void> {
  console.log(`${words} ${url}`);
  console.log(`(${ONCE}; start Terrarium again for another.)`);
  const problem = isOpened ? await openLink(url) : null;
  if (problem !== null) console.log(problem);
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
