import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifThere } from '../../lib/if-there.ts';
import { identityOfAll, PLACEHOLDERS } from './identity-files.ts';

/**
 * What of /etc programs need to run at all, and nothing that tells of this machine's users, services
 * or secrets: all else of /etc is not there. Folders are shown whole.
 */
const SETTINGS = [
  'alternatives',
  'bash.bashrc',
  'bash_completion.d',
  'ca-certificates',
  'ca-certificates.conf',
  'debian_version',
  'fonts',
  'gai.conf',
  'inputrc',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'locale.conf',
  'localtime',
  'magic',
  'magic.mime',
  'mime.types',
  'networks',
  'os-release',
  'pki/tls',
  'pki/ca-trust',
  'profile',
  'protocols',
  'python3',
  'rpc',
  'services',
  'shells',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
  'vimrc',
];
const VERSIONED = /^(?:python|perl|java-|openjdk)[\d.-]*$/;

/**
 * A copy of those settings in Terrarium's own folder, made when there is none yet of what /etc holds now:
 * one folder is mounted in a tenth of the time that some forty files and folders of /etc take. A copy
 * is never changed, and stays for the sandboxes that were started with it.
 */
export async function prepareSettings(state: string): Promise<string> {
  const names = [...SETTINGS, ...(await readdir('/etc')).filter((name) => VERSIONED.test(name))];
  const found = [...new Set(names)].flatMap((name) => {
    const entry = lstatSync(join('/etc', name), { throwIfNoEntry: false });
    return entry ? [{ name, version: [entry.ino, entry.size, entry.mtimeMs] }] : [];
  });
  const version = createHash('sha256')
    .update(JSON.stringify([FORMAT, found]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(state, 'namespace-etc', version);
  if (await ifThere(stat(folder))) return folder;

  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(join(dirname(folder), '.draft-'));
  try {
    for (const { name } of found) {
      await mkdir(dirname(join(draft, name)), { recursive: true });
      await cp(join('/etc', name), join(draft, name), { recursive: true, verbatimSymlinks: true });
    }
    for (const [name, text] of Object.entries(identityOfAll)) await writeFile(join(draft, name), text);
    for (const name of PLACEHOLDERS) await writeFile(join(draft, name), '');
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Somebody else made the same one meanwhile.
    if (!(await ifThere(stat(folder)))) throw error;
  }
  return folder;
}

/** Rises when what is made here changes. */
const FORMAT = 1;
