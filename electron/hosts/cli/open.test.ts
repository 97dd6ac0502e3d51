import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { waitFor } from '../testing/wait-for.ts';
import { terrarium } from './testing/terrarium.ts';
import { withHost } from './testing/with-host.ts';

const bench = withHost();
const link = (id: string) =>
  new RegExp(`^http://127\\.0\\.0\\.1:${bench.host().port}/#token=[\\w-]{20,}&at=/${id}/overview$`);

it('prints a link to the sandbox, a new one each time', async () => {
  const { id } = await bench.create({ name: 'shown' });
  const [one, two] = [await bench.run('open', 'shown'), await bench.run('open', '--json', 'shown')];
  expect([one.code, one.stderr]).toEqual([0, '']);
  expect(one.stdout.trim()).toMatch(link(id));
  expect(JSON.parse(two.stdout).url).toMatch(link(id));
  expect(JSON.parse(two.stdout).url).not.toBe(one.stdout.trim());
  expect((await bench.run('open')).stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+\n$/);
});

it('opens it where there is a display, and with --no-browser not', async () => {
  const folder = join(bench.home(), 'browser');
  await mkdir(folder);
  const opened = join(folder, 'opened');
  const browser = join(folder, 'browser');
  await writeFile(browser, `#!/bin/sh\necho "$1" >>'${opened}'\n`);
  await chmod(browser, 0o755);
  // As xdg-open(1) finds a browser, where no desktop has one of its own.
  const data = { XDG_DATA_HOME: folder, XDG_DATA_DIRS: folder };
  const env = { ...bench.env(), ...data, DISPLAY: ':99', BROWSER: browser };
  const printed = await terrarium(['open', '--no-browser'], { env });
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  const { stdout } = await terrarium(['open'], { env });
  await waitFor('the browser', async () => existsSync(opened));
  expect(await readFile(opened, 'utf8')).toBe(stdout);
  expect(stdout).not.toBe(printed.stdout);
});

it('cannot be had without a host that goes on', async () => {
  const ran = await bench.run('open', '--no-daemon');
  expect([ran.code, ran.stdout]).toEqual([5, '']);
  expect(ran.stderr).toBe(
    'terrarium: Without a host in the background there is no page to open\nLeave --no-daemon out.\n',
  );
});
