import { readFileSync } from 'node:fs';
import { bufferTail, expect, openPage, row, test, type } from './support/test.ts';

const MIB = 1024 * 1024;

/** Resident memory of a process, in bytes. */
function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

test('ten seconds of `yes`: the host stays small, the page answers, Ctrl+C ends it', async ({ page, host }) => {
  const spec = { engine: 'process', name: 'flood', source: { type: 'empty' } } as const;
  for await (const item of await host.client.sandboxes.create({ spec })) void item;
  await openPage(page, host.link, 'bench');
  await row(page, 'flood').click();
  await page.getByRole('tab', { name: 'Console' }).click();
  await page.getByRole('button', { name: 'New console' }).first().click();
  const tail = () => bufferTail(page, 3).then((lines) => lines.join('\n'));
  await expect.poll(tail).toMatch(/[$#]\s*$/);

  // A first flood fills the replay and the buffers that every host keeps.
  await type(page, 'yes | head -c 4000000; echo warm');
  await expect.poll(tail, { timeout: 60_000 }).toMatch(/^warm$/m);

  const before = residentBytes(host.pid);
  await type(page, 'yes');
  let most = before;
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    most = Math.max(most, residentBytes(host.pid));
    // The page answers while it draws: a round trip through its main thread.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(null))));
  }
  expect((most - before) / MIB).toBeLessThan(50);

  await page.keyboard.press('Control+c');
  await type(page, 'echo done-$((40+2))');
  await expect.poll(tail).toMatch(/^done-42$/m);
});
