import { findProgram } from '../lib/command.ts';
import type { Need } from './needs.ts';

const onPath = (name: string) => () => findProgram(name) !== null;

/** What the namespace engine and its tests use. */
export const namespaceNeeds: readonly Need[] = [
  {
    name: 'bubblewrap',
    neededFor: 'the namespace engine',
    isMet: onPath('bwrap'),
    packages: ['bubblewrap'],
    elsewhere: 'install bubblewrap 0.8 or later',
  },
  {
    name: 'unshare and nsenter',
    neededFor: 'the namespace engine',
    isMet: () => onPath('unshare')() && onPath('nsenter')(),
    packages: ['util-linux'],
    elsewhere: 'install util-linux',
  },
  {
    name: 'slirp4netns',
    neededFor: 'the network of namespace sandboxes',
    isMet: onPath('slirp4netns'),
    packages: ['slirp4netns'],
    elsewhere: 'install slirp4netns',
  },
  {
    name: 'perl',
    neededFor: 'the isolation tests, which make system calls by their numbers',
    isMet: onPath('perl'),
    packages: ['perl-base'],
    elsewhere: 'install Perl 5',
  },
];
