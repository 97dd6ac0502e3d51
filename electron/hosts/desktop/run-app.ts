import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, dialog } from 'electron';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { homeFolder } from '../home-folder.ts';
import { openHost } from '../open-host.ts';
import { type Desktop, startDesktop } from './desktop.ts';
import { registerPageScheme } from './protocol.ts';
import { startOrAsk } from './running-elsewhere.ts';

/** Electron's whole life, from before it is ready. */
export function runApp(): void {
  registerPageScheme();
  app.enableSandbox();
  const homePath = homeFolder();
  // Electron's own files lie in the state folder too; with them its lock is one for each state folder.
  const electronFolder = join(homePath, 'electron');
  mkdirSync(electronFolder, { recursive: true, mode: 0o700 });
  app.setPath('userData', electronFolder);
  if (!app.requestSingleInstanceLock()) {
    app.quit(); // the first instance was told, and shows its window
    return;
  }

  let desktop: Desktop | null = null;
  app.on('second-instance', () => desktop?.show());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => (desktop ? desktop.quitNow() : app.exit(0)));
  }
  app
    .whenReady()
    .then(async () => {
      refuseWithoutSandbox();
      desktop = await startOrAsk(homePath, () => start(homePath));
      if (desktop) await desktop.opened;
      else app.exit(0);
    })
    .catch(fail);
}

function start(homePath: string): Desktop {
  const version = app.getVersion();
  const opened = openHost(homePath, { kind: 'desktop', version });
  process.on('unhandledRejection', (reason) => opened.log.error({ err: reason }, 'a rejection that nobody handled'));
  return startDesktop(opened, version);
}

/** An AppImage's launcher adds this switch by itself where the system allows no unprivileged user namespaces. */
function refuseWithoutSandbox(): void {
  if (!app.isPackaged || !app.commandLine.hasSwitch('no-sandbox')) return;
  throw new AppError('unsupported', 'This system does not let Terrarium run its window in a sandbox', {
    hint: 'Install the .deb package, which sets the sandbox up, or allow unprivileged user namespaces.',
  });
}

/** There is no page yet that could say it. */
function fail(error: unknown): void {
  const [message, hint] = isAppError(error)
    ? [error.message, error.hint]
    : ['Terrarium could not start', error instanceof Error ? error.stack : String(error)];
  console.error(hint === undefined ? message : `${message}. ${hint}`);
  dialog.showErrorBox(message, hint ?? '');
  app.exit(1);
}
