import type { Environment } from '../local/environment.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { WORKSPACE } from './identity-files.ts';

/** The host's own may name folders that are not there inside. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** In the sandbox's own terms, where nobody has asked for something else. */
export function sandboxEnvironment({ manifest, paths }: LocalSandbox, env: Environment): Environment {
  const own = (name: string, host: string | undefined, inside: string) =>
    manifest.spec.env[name] === undefined && env[name] === host ? { [name]: inside } : {};
  return {
    ...env,
    ...own('HOME', manifest.workspace, WORKSPACE),
    ...own('TMPDIR', paths.temporary, '/tmp'),
    ...own('PATH', process.env.PATH, PATH),
  };
}
