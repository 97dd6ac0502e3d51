import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { homeFolder } from '../home-folder.ts';
import { openHost } from '../open-host.ts';
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
  /** Says where the page is; in words for people when missing. */
  readonly tell?: (found: FoundHost) => void;
}

export interface FoundHost {
  readonly port: number;
  /** Works once. */
  readonly url: string;
  /** Whether it is this process, and not another one that runs already. */
  readonly isHere: boolean;
}

async function serve({ port, opens, tell = say }: WebHostOptions): Promise<void> {
  const { home, log, host } = openHost(homeFolder(), { kind: 'web', version });
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'a rejection that nobody handled'));
  process.on('uncaughtException', (error) => {
    // What state it left is unknown: end, and leave the reason behind. Sandboxes go on.
    log.fatal({ err: error }, 'the host ends of an error that nobody caught');
    console.error(error);
    process.exit(1);
  });
  const served = await serveHost({ host, home: home.path, log, version, pageFolder: join(root, 'dist/page'), port });
  log.info({ port: served.port, version }, 'web host started');
  const url = linkTo(served.port, served.newLinkToken());
  tell({ port: served.port, url, isHere: true });
  for (const notice of host.services.systemInfo().notices) console.error(notice);
  if (opens) await show(url);

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

function say({ url, isHere }: FoundHost): void {
  console.log(`${isHere ? 'Terrarium is at' : 'Terrarium runs already, at'} ${url}`);
  console.log(`(${ONCE}; start Terrarium again for another.)`);
  if (isHere) console.log('Press Ctrl+C to stop it. Sandboxes go on running.');
}

/** Where there is a display. */
async function show(url: string): Promise<void> {
  const problem = await openLink(url);
  if (problem !== null) console.log(problem);
}

/**
 * Runs the web host in this process until SIGINT or SIGTERM, which end the process. Where one runs already its link is
 * shown instead (`shown`). Throws `conflict` when another host has the state folder and gives no link, `invalid_input`
 * for a port that cannot be had: what was begun then ends with the process only.
 */
export async function runWebHost(options: WebHostOptions): Promise<'runs' | 'shown'> {
  const { port, opens, tell = say } = options;
  try {
    await serve(options);
    return 'runs';
  } catch (error) {
    const running = isAppError(error, 'conflict') ? await linkToRunningHost(homeFolder()) : null;
    if (!running) throw error;
    const url = linkTo(running.port, running.token);
    tell({ port: running.port, url, isHere: false });
    if (opens) await show(url);
    if (port !== undefined && port !== 0 && port !== running.port) {
      throw new AppError('invalid_input', `Its port stays ${running.port}`, {
        hint: `To have ${port}, stop it first.`,
      });
    }
    return 'shown';
  }
}
