import { expect, it } from 'vitest';
import { alwaysDenied } from './secrets.ts';

it('knows where keys usually are, and where variables say that they are', () => {
  const denied = alwaysDenied('/state', '/home/x', {
    KUBECONFIG: '/a/one:/a/two',
    XDG_CONFIG_HOME: '/home/x/conf',
    CARGO_HOME: '/home/x/cargo',
    PIP_CONFIG_FILE: '/dev/null',
    GNUPGHOME: 'relative',
  });
  expect(denied).toEqual(
    expect.arrayContaining([
      '/state',
      '/home/x/.ssh',
      '/home/x/.bashrc',
      '/a/one',
      '/a/two',
      '/home/x/conf/gcloud',
      '/home/x/cargo/credentials.toml',
    ]),
  );
  expect(denied).not.toContain('/dev/null');
  expect(denied).not.toContain('relative');
});
