import { existsSync } from 'node:fs';
import { findProgram } from '../lib/command.ts';
import type { Need } from './needs.ts';

const onPath = (name: string) => () => findProgram(name) !== null;

/** What the tests of the podman engine use, rootful and rootless. */
export const podmanNeeds: readonly Need[] = [
  {
    name: 'podman',
    neededFor: 'the podman engine',
    isMet: onPath('podman'),
    packages: ['podman'],
    elsewhere: 'install Podman 4 or later',
  },
  {
    name: 'catatonit',
    neededFor: 'the init of podman’s containers',
    isMet: () => onPath('catatonit')() || existsSync('/usr/libexec/podman/catatonit'),
    packages: ['catatonit'],
    elsewhere: 'install catatonit',
  },
  {
    name: 'runc',
    neededFor: 'podman’s containers, where crun does not know the machine’s cgroups',
    isMet: onPath('runc'),
    packages: ['runc'],
    elsewhere: 'install runc',
  },
  {
    name: 'newuidmap',
    neededFor: 'rootless podman',
    isMet: onPath('newuidmap'),
    packages: ['uidmap'],
    elsewhere: 'install newuidmap and newgidmap (shadow)',
  },
  {
    name: 'slirp4netns',
    neededFor: 'podman’s networks',
    isMet: onPath('slirp4netns'),
    packages: ['slirp4netns'],
    elsewhere: 'install slirp4netns',
  },
];
