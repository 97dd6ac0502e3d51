// `npm run provision`: what the tests need, once; a Docker daemon that it starts stays.
import { join } from 'node:path';
import { provisionMachine } from './provision/machine.ts';

const machine = await provisionMachine({
  folder: join(import.meta.dirname, '../.cache/dockerd'),
  tied: false,
  env: process.env,
  signal: new AbortController().signal,
  say: (line) => console.log(line),
});
for (const { missing, neededFor, advice } of machine.problems) {
  console.log(`Missing: ${missing}, for ${neededFor}: ${advice}`);
}
if (machine.daemon) console.log(`The Docker daemon goes on running. To stop it: ${machine.daemon.stopCommand}`);
if (machine.podman?.stopCommand)
  console.log(`Podman for tests goes on running. To stop it: ${machine.podman.stopCommand}`);
if (machine.problems.length === 0) console.log('Everything that the tests need is here.');
// Missing things are told, and the tests that need them say so again; nothing here has failed.
process.exit(0);
