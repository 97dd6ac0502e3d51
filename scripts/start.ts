// `npm start`: the desktop host where Electron runs, else the web host and one line that says why.
import { join } from 'node:path';
import { buildDesktop } from './build-desktop.ts';
import { buildPage } from './build-page.ts';
import { chooseHost, hasDisplay, webInstead } from './start/choose-host.ts';
import { electronPackage, findElectron } from './start/electron-binary.ts';
import { fetchElectron } from './start/fetch-electron.ts';
import { parseOptions, type StartOptions, usage } from './start/options.ts';
import { runElectron } from './start/run-electron.ts';
import { withoutNpm } from './start/without-npm.ts';

const root = join(import.meta.dirname, '..');

function readOptions(): StartOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

/** Null when the desktop host ran; else why the web host is served, or an empty string when it was asked for. */
async function tryDesktop({ webBecause }: StartOptions): Promise<string | null> {
  const choice = chooseHost({
    webBecause,
    platform: process.platform,
    hasDisplay: hasDisplay(process.env),
    isRoot: process.getuid?.() === 0,
    hasBinary: findElectron() !== null,
  });
  if (choice.host === 'web') return choice.reason ?? '';
  if (choice.host === 'fetch') {
    const problem = await fetchElectron({
      installer: join(electronPackage, 'install.js'),
      temporary: join(root, '.cache/electron-download'),
      target: join(electronPackage, 'dist'),
      stallMs: 15_000,
      onBegin: () =>
        console.log('Fetching Electron, about 120 MB, once. (Ctrl+C and "npm start -- --web" do without.)'),
    });
    if (problem !== null) return problem;
  }
  const program = findElectron();
  if (program === null) return "Electron's download did not bring its program";
  if ((await buildDesktop()) === 'built') console.log('Built the desktop host.');
  const end = await runElectron(program, root);
  if (!end.ran) return `Electron does not run here (${end.reason})`;
  process.exitCode = end.exitCode;
  return null;
}

const options = readOptions();
process.env.PATH = withoutNpm(process.env);
if (options.help) {
  console.log(usage);
} else {
  if ((await buildPage()) === 'built') console.log('Built the page.');
  const reason = await tryDesktop(options);
  if (reason) console.log(webInstead(reason));
  if (reason !== null) {
    process.argv.splice(2, process.argv.length, ...options.webArguments);
    await import('../electron/hosts/web/main.ts');
  }
}
