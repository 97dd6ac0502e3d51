import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../engine-contract/fixture.ts';
import { hasGvisor, OFFLINE, serveWith, settingsWithGvisor } from './test-gvisor.ts';
import { type Bench, createBench, describePodman } from './test-support.ts';

const reason = hasGvisor() ? undefined : 'gVisor is not installed; run: npm run provision';

await describePodman(
  'podman: gVisor among its runtimes',
  (podman) => {
    let bench: Bench;
    beforeAll(async () => {
      const settings = settingsWithGvisor(podman.env.CONTAINERS_CONF ?? '', 'known', OFFLINE);
      bench = await createBench(await serveWith(podman, settings));
    });
    afterAll(() => bench.dispose());

    it('is not offered where Podman does not use it, with the reason and what to do', async () => {
      const { runtimes, facts, capabilities } = await bench.engine.probe();
      expect(runtimes).toEqual([]);
      expect(facts['runtime runsc']).toMatch(/not used, but the usual one \(runc\).*runtime = "runsc"/);
      expect(capabilities.isolation).toBe('container');
      await expect(bench.create({ runtime: 'runsc' })).rejects.toMatchObject({
        code: 'unsupported',
        details: { field: 'runtime' },
      });
    });

    it('leaves nothing of the trial behind', async () => {
      await bench.engine.probe();
      const label = 'label=dev.terrarium.helper=probe';
      expect(await bench.podman('ps', '--all', '--quiet', '--filter', label)).toBe('');
      expect(await bench.podman('images', '--all', '--quiet', '--filter', label)).toBe('');
    });
  },
  reason,
);

await describePodman(
  'podman: gVisor as its usual runtime',
  (podman) => {
    let bench: Bench;
    beforeAll(async () => {
      const settings = settingsWithGvisor(podman.env.CONTAINERS_CONF ?? '', 'usual', OFFLINE);
      bench = await createBench(await serveWith(podman, settings));
    });
    afterAll(() => bench.dispose());

    it('runs every sandbox, and the card says so', async () => {
      const { capabilities } = await bench.engine.probe();
      expect(capabilities.isolation).toBe('kernel');
      expect(capabilities.features.console).toMatchObject({
        support: 'unsupported',
        note: expect.stringContaining('--tty'),
      });
      const { ref } = await bench.running();
      expect((await run(bench.engine, ref, ['dmesg'])).stdout.toString()).toContain('gVisor');
    });
  },
  reason,
);
