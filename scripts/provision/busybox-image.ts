import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { type CommandResult, runCommand, tail } from '../lib/command.ts';
import { busyboxPath } from './needs.ts';

export const busyboxImage = 'terrarium-test/busybox:latest';
/** On the image, and so on every container made from it: a container with it belongs to a test. */
export const testImageLabel = 'dev.terrarium.test-image';

/** Raise it when what is below changes: an image of an older recipe is then built again. */
const recipe = 1;

const folders: readonly { readonly name: string; readonly mode: number; readonly owner?: number }[] = [
  ...['bin', 'sbin', 'usr', 'usr/bin', 'usr/sbin', 'etc', 'dev', 'proc', 'sys', 'home', 'var', 'run'].map((name) => ({
    name,
    mode: 0o755,
  })),
  { name: 'root', mode: 0o700 },
  { name: 'tmp', mode: 0o1777 },
  { name: 'home/dev', mode: 0o755, owner: 1000 },
  { name: 'workspace', mode: 0o755, owner: 1000 },
];

const files: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000:dev:/home/dev:/bin/sh\n',
  'etc/group': 'root:x:0:\ndev:x:1000:\n',
  'etc/os-release': 'ID=terrarium-test\nPRETTY_NAME="Terrarium test image"\n',
};

const changes = ['CMD ["/bin/sh"]', 'WORKDIR /workspace', 'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin'];

/** Runs the docker command, or one that takes the same arguments. */
export type ImageCommand = (args: readonly string[], input?: Uint8Array) => Promise<CommandResult>;

const docker: ImageCommand = (args, input) => runCommand('docker', args, input ? { input } : {});

/** Builds the image from this machine's static busybox unless the same one is there. Throws when it cannot. */
export async function ensureBusyboxImage(run: ImageCommand = docker): Promise<'built' | 'present'> {
  const binary = readFileSync(busyboxPath);
  const version = createHash('sha256').update(`${recipe}\n`).update(binary).digest('hex');
  const format = `{{index .Config.Labels "${testImageLabel}"}}`;
  const inspected = await run(['image', 'inspect', '--format', format, busyboxImage]);
  if (inspected.stdout.trim() === version) return 'present';

  const applets = await runCommand(busyboxPath, ['--list-full']);
  if (applets.code !== 0) throw new Error(`busybox --list-full failed: ${tail(applets.stderr, 3)}`);
  const input = await rootFileSystem(binary, applets.stdout.trim().split('\n'));
  const options = [...changes, `LABEL ${testImageLabel}=${version}`].flatMap((change) => ['--change', change]);
  const imported = await run(['import', ...options, '-', busyboxImage], input);
  if (imported.code !== 0) throw new Error(`The import of the test image failed: ${tail(imported.stderr, 5)}`);
  return 'built';
}

/** A tar with busybox and a link to it for each of its applets (paths as `busybox --list-full` gives them). */
export async function rootFileSystem(busybox: Buffer, applets: readonly string[]): Promise<Buffer> {
  const tar = pack();
  const mtime = new Date(0);
  for (const { name, mode, owner = 0 } of folders) {
    tar.entry({ name, mode, mtime, type: 'directory', uid: owner, gid: owner });
  }
  tar.entry({ name: 'bin/busybox', mode: 0o755, mtime }, busybox);
  for (const name of applets.filter((applet) => applet.includes('/') && applet !== 'bin/busybox')) {
    tar.entry({ name, mtime, type: 'symlink', linkname: '/bin/busybox' });
  }
  for (const [name, text] of Object.entries(files)) tar.entry({ name, mode: 0o644, mtime }, text);
  tar.finalize();
  return buffer(tar);
}
