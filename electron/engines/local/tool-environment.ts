/**
 * What pip and venv see of the host's environment: what they need to reach an index as the user does
 * (proxies, certificates, the user's pip.conf and cache), and nothing that may hold another secret.
 */
const PASSED = [
  ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_CONFIG_DIRS'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'PIP_CERT', 'PIP_CONFIG_FILE', 'PIP_INDEX_URL'],
  ...['PIP_EXTRA_INDEX_URL', 'PIP_TRUSTED_HOST', 'PIP_CACHE_DIR', 'PIP_PROXY', 'NPM_CONFIG_REGISTRY'],
] as const;

export function toolEnvironment(extra: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const passed = PASSED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { LANG: 'C.UTF-8', ...Object.fromEntries(passed), PYTHONUNBUFFERED: '1', ...extra };
}
