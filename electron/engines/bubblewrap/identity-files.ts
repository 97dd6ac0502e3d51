import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Network } from '../../../shared/model/spec.ts';
import type { Mount } from './mount-plan.ts';

/** Programs inside run as this: nobody's id on every Linux, and the one that foreign files show as too. */
export const NOBODY = 65_534;
export const WORKSPACE = '/workspace';

const ACCOUNTS = `root:x:0:0:root:/root:/bin/sh
nobody:x:${NOBODY}:${NOBODY}:nobody:${WORKSPACE}:/bin/sh
`;
const GROUPS = `root:x:0:
nogroup:x:${NOBODY}:
`;
const LOOKUPS = `passwd: files
group: files
hosts: files dns
networks: files
protocols: files
services: files
`;

/** Files of /etc that are the same in all sandboxes. */
export const identityOfAll = { passwd: ACCOUNTS, group: GROUPS, 'nsswitch.conf': LOOKUPS } as const;
/** Those that each sandbox has of its own: they must be there for something to be mounted over them. */
export const PLACEHOLDERS = ['hostname', 'hosts', 'resolv.conf'] as const;

/** slirp4netns(1) answers there and asks this machine's own servers. */
export const NAME_SERVER = '10.0.2.3';

/** At most what a host name may be (RFC 1123), made of the sandbox's name. */
export function hostnameFor(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return plain || 'sandbox';
}

/** Files of /etc that say where one is: made up, so that they tell nothing of this machine. */
export async function writeIdentity(
  folder: string,
  { name, network }: { readonly name: string; readonly network: Network },
): Promise<readonly Mount[]> {
  const hostname = hostnameFor(name);
  const files: Readonly<Record<(typeof PLACEHOLDERS)[number], string>> = {
    hostname: `${hostname}\n`,
    hosts: `127.0.0.1 localhost ${hostname}\n::1 localhost ip6-localhost\n`,
    'resolv.conf': network.mode === 'full' ? `nameserver ${NAME_SERVER}\n` : '',
  };
  return Promise.all(
    Object.entries(files).map(async ([file, text]): Promise<Mount> => {
      const source = join(folder, file);
      await writeFile(source, text, { mode: 0o644 });
      return { type: 'bind', source, path: `/etc/${file}`, readOnly: true };
    }),
  );
}
