import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** In every home: keys, tokens and sessions. */
const IN_HOME = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.boto',
  '.config/gcloud',
  '.config/gh',
  '.config/glab-cli',
  '.config/hub',
  '.config/doctl',
  '.config/op',
  '.config/sops',
  '.config/rclone',
  '.config/containers',
  '.config/helm',
  '.config/pip',
  '.pip',
  '.cache/huggingface/token',
  '.config/chromium',
  '.config/google-chrome',
  '.config/BraveSoftware',
  '.config/Signal',
  '.config/Bitwarden',
  '.config/1Password',
  '.kube',
  '.docker',
  '.oci',
  '.terraform.d',
  '.terraformrc',
  '.vault-token',
  '.netrc',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
  '.pgpass',
  '.my.cnf',
  '.git-credentials',
  '.config/git/credentials',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.m2/settings.xml',
  '.gradle/gradle.properties',
  '.password-store',
  '.mozilla',
  '.thunderbird',
  '.local/share/keyrings',
  '.local/share/kwalletd',
  '.Xauthority',
  '.ICEauthority',
  '.bash_history',
  '.local/share/fish/fish_history',
  '.zsh_history',
  '.python_history',
  '.node_repl_history',
  '.psql_history',
  '.mysql_history',
];

/** In every home too: what runs by itself later, as its user and outside of every sandbox. */
const RUN_LATER = [
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.profile',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.config/fish/config.fish',
  '.config/systemd',
  '.config/autostart',
];

/** Variables by which programs keep such things elsewhere. They name a file or a folder, some a list of them. */
const MOVED_BY = [
  'GNUPGHOME',
  'KUBECONFIG',
  'DOCKER_CONFIG',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONFIG_FILE',
  'AZURE_CONFIG_DIR',
  'CLOUDSDK_CONFIG',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GH_CONFIG_DIR',
  'NPM_CONFIG_USERCONFIG',
  'PIP_CONFIG_FILE',
  'NETRC',
  'PGPASSFILE',
  'PASSWORD_STORE_DIR',
  'SSH_AUTH_SOCK',
];

/** Of the machine: accounts, and sockets by which its services take orders. */
const OF_MACHINE = [
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/ssh',
  '/etc/ssl/private',
  '/etc/kubernetes',
  '/run/docker.sock',
  '/run/containerd',
  '/run/podman',
  '/run/crio',
  '/run/dbus',
  '/run/systemd/private',
  '/run/secrets',
  '/run/user',
  '/run/libvirt',
  '/var/run/docker.sock',
  '/var/lib/docker',
  '/var/lib/kubelet',
];

function moved(env: NodeJS.ProcessEnv): readonly string[] {
  const config = env.XDG_CONFIG_HOME;
  const inConfig = IN_HOME.filter((name) => name.startsWith('.config/')).map((name) => name.slice('.config/'.length));
  return [
    ...MOVED_BY.flatMap((name) => (env[name] ?? '').split(':')),
    ...(config ? inConfig.map((name) => join(config, name)) : []),
    ...(env.CARGO_HOME ? ['credentials', 'credentials.toml'].map((name) => join(env.CARGO_HOME ?? '', name)) : []),
  ].filter((path) => isAbsolute(path) && path !== '/dev/null');
}

/** Never shown to a sandbox, whatever shows the folder around them. `state`: Terrarium's own folder. */
export function alwaysDenied(state: string, home = homedir(), env = process.env): readonly string[] {
  return [state, ...[...IN_HOME, ...RUN_LATER].map((name) => join(home, name)), ...moved(env), ...OF_MACHINE];
}
