import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { findProgram } from '../lib/command.ts';
import { findChromium } from './chromium.ts';
import { namespaceNeeds } from './namespace-needs.ts';
import { podmanNeeds } from './podman-needs.ts';
import { isStaticBinary } from './static-binary.ts';
import type { System } from './system.ts';

/** Something from outside npm that the tests use. */
export interface Need {
  readonly name: string;
  /** What does not run without it. */
  readonly neededFor: string;
  readonly isMet: () => boolean;
  /** Debian's packages that bring it: the first one that apt knows is taken. */
  readonly packages: readonly string[];
  /** How to get it where there is no apt-get. */
  readonly elsewhere: string;
}

export const busyboxPath = '/bin/busybox';

/** `dockerAnswers`: a daemon that answers, wherever it runs, needs no daemon's program here. */
export function listNeeds(dockerAnswers: boolean): readonly Need[] {
  const always: readonly Need[] = [
    {
      name: 'the docker command',
      neededFor: 'the docker engine',
      isMet: () => findProgram('docker') !== null,
      // Debian 13 has the client in a package of its own; before, docker.io held both.
      packages: ['docker-cli', 'docker.io'],
      elsewhere: 'install Docker Desktop or Docker Engine',
    },
    {
      name: 'Chromium',
      neededFor: 'the end-to-end tests',
      isMet: () => findChromium() !== null,
      packages: ['chromium'],
      elsewhere: 'install Chromium or Google Chrome, or set TERRARIUM_CHROMIUM to the path of its program',
    },
  ];
  const linux: readonly Need[] = [
    {
      name: 'a static busybox',
      neededFor: 'the test image of the docker engine',
      isMet: () => isStaticBinary(busyboxPath),
      packages: ['busybox-static'],
      elsewhere: `install a statically linked busybox as ${busyboxPath}`,
    },
    {
      name: 'docker-registry',
      neededFor: 'the tests of pulling images',
      isMet: () => findProgram('docker-registry') !== null,
      packages: ['docker-registry'],
      elsewhere: 'put the program of the CNCF "distribution" project on PATH as docker-registry',
    },
    {
      name: 'prlimit and setpriv',
      neededFor: "the process engine's limits",
      isMet: () => findProgram('prlimit') !== null && findProgram('setpriv') !== null,
      packages: ['util-linux'],
      elsewhere: 'install util-linux',
    },
    {
      name: 'Python with venv',
      neededFor: 'the virtualenv engine',
      isMet: () => hasPythonModule('ensurepip'),
      packages: ['python3-venv'],
      elsewhere: 'install Python 3.8 or newer with its module ensurepip',
    },
    {
      name: 'pip',
      neededFor: 'the packages of the virtualenv engine',
      isMet: () => hasPythonModule('pip'),
      packages: ['python3-pip'],
      elsewhere: 'install pip 22.3 or newer for that Python',
    },
    {
      name: 'a font',
      neededFor: 'text in the end-to-end tests',
      isMet: () => hasFont('/usr/share/fonts'),
      packages: ['fonts-dejavu-core'],
      elsewhere: 'install the DejaVu fonts',
    },
  ];
  const daemon: readonly Need[] = [
    {
      name: 'the Docker daemon',
      neededFor: 'the docker engine',
      isMet: () => findProgram('dockerd') !== null,
      packages: ['docker.io'],
      elsewhere: 'install Docker Desktop or Docker Engine and start it',
    },
    {
      name: 'runsc',
      neededFor: 'gVisor as a runtime of the docker engine',
      isMet: () => findProgram('runsc') !== null,
      packages: ['runsc'],
      elsewhere: 'install gVisor (runsc)',
    },
    {
      name: 'mounted cgroups',
      neededFor: 'the Docker daemon',
      isMet: () => hasCgroups(readFileSync('/proc/mounts', 'utf8')) || findProgram('cgroupfs-mount') !== null,
      packages: ['cgroupfs-mount'],
      elsewhere: 'mount the cgroup file systems below /sys/fs/cgroup',
    },
  ];
  if (process.platform !== 'linux') return always;
  const rest = [...always, ...linux, ...namespaceNeeds, ...podmanNeeds];
  return dockerAnswers ? rest : [...daemon, ...rest];
}

/** `mounts`: the text of /proc/mounts. */
export function hasCgroups(mounts: string): boolean {
  return mounts.split('\n').some((line) => /^cgroup2?$/.test(line.split(' ')[2] ?? ''));
}

/** Debian's python3 comes without some of Python's own modules. */
function hasPythonModule(name: string): boolean {
  return spawnSync('python3', ['-I', '-c', `import ${name}`], { stdio: 'ignore' }).status === 0;
}

function hasFont(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { encoding: 'utf8', recursive: true }).some((name) => /\.(ttf|otf|ttc)$/.test(name));
}

/** The packages to install for `needs`, each once, and the needs that apt has no package for. */
export function choosePackages(
  needs: readonly Need[],
  isKnown: (name: string) => boolean,
): { readonly packages: readonly string[]; readonly unavailable: readonly Need[] } {
  const choices = needs.map((need) => ({ need, package: need.packages.find(isKnown) }));
  return {
    packages: [...new Set(choices.flatMap((choice) => choice.package ?? []))],
    unavailable: choices.filter((choice) => choice.package === undefined).map((choice) => choice.need),
  };
}

/** What a person types, or does, to get it. */
export function howToGet(need: Need, system: System): string {
  const sudo = system.isRoot ? '' : 'sudo ';
  return system.isDebian
    ? `get it with: ${sudo}apt-get install --no-install-recommends ${need.packages[0]}`
    : need.elsewhere;
}
