import { randomBytes, randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NetworkMode, SandboxSpecInput } from '../../../shared/model/spec.ts';
import { ANSWER, type Beacon, createBeacon, hostAddresses } from './beacon.ts';
import { command, type Fixture, run, sh, until } from './fixture.ts';

/** Where clouds tell a machine its secrets. */
const METADATA = '169.254.169.254';
/** On a machine that is no image of ours, busybox may be the only one that has them. */
const TOOLS = 'b=; command -v busybox >/dev/null && b=busybox';
/** Nothing waits for longer: a packet that is dropped brings no answer at all. */
const WAIT_S = 3;

/** What a server at the address says to a sandbox; empty when it cannot be reached. */
async function fetchFrom({ engine }: Fixture, ref: string, address: string, port: number): Promise<string> {
  const signal = AbortSignal.timeout(20_000);
  const script = `${TOOLS}; $b nc -w ${WAIT_S} ${address} ${port} </dev/null`;
  return (await run(engine, ref, sh(script), { signal })).stdout.toString().trim();
}

/** What the DNS server at the address tells a sandbox of the name; empty when nothing comes in time. */
async function resolveAt({ engine }: Fixture, ref: string, name: string, server: string): Promise<string> {
  const signal = AbortSignal.timeout(WAIT_S * 1000);
  try {
    return (
      await run(engine, ref, sh(`${TOOLS}; $b nslookup -type=a ${name} ${server}`), { signal })
    ).stdout.toString();
  } catch (error) {
    if (signal.aborted) return '';
    throw error;
  }
}

const uniqueName = () => `${randomBytes(6).toString('hex')}.example`;

/** Listens on every address of its sandbox and says `token` to all who come. */
const server = (port: number, token: string): string[] =>
  command(`${TOOLS}; while :; do echo ${token} | $b nc -l -p ${port} >/dev/null; done`);

/** A sandbox that is a server, and its addresses as it sees them. */
async function neighbour(fixture: Fixture, mode: NetworkMode, token: string) {
  const { engine } = fixture;
  // Engines without a network of their own share this machine's ports.
  const port = randomInt(20_000, 25_000);
  const network = { mode } as SandboxSpecInput['network'];
  const { ref } = await fixture.running({ network, command: server(port, token) });
  await until('the neighbour to answer itself', async () => {
    return (await fetchFrom(fixture, ref, '127.0.0.1', port)).includes(token);
  });
  const { stdout } = await run(engine, ref, sh('cat /proc/net/fib_trie 2>/dev/null'));
  const addresses = [...stdout.toString().matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(
    ([, address]) => address ?? '',
  );
  return { port, addresses: [...new Set(['127.0.0.1', ...addresses])] };
}

function withBeacon(): () => Beacon {
  let beacon: Beacon | undefined;
  beforeAll(async () => {
    beacon = await createBeacon();
  });
  afterAll(() => beacon?.close());
  return () => {
    if (!beacon) throw new Error('the servers did not start');
    return beacon;
  };
}

/** For the modes in which nothing beyond the sandbox can be reached. */
function closed(mode: 'none' | 'loopback') {
  return (fixture: Fixture) => {
    const { capabilities, engine, programs } = fixture;
    const beacon = withBeacon();
    const network = { mode };
    const { connects } = programs;
    if (connects) {
      it('reaches no address of this machine, and none beyond', async () => {
        const { ref } = await fixture.running({ network });
        const before = beacon().connections();
        for (const address of [...hostAddresses(), METADATA, ANSWER]) {
          const { stdout } = await run(engine, ref, connects(address, beacon().port));
          expect([address, stdout.toString()]).toEqual([address, 'nothing\n']);
        }
        expect(beacon().connections()).toBe(before);
      });
      return;
    }

    it('reaches no address of this machine, a sandbox’s gateway included', async () => {
      const { ref } = await fixture.running({ network });
      const before = beacon().connections();
      for (const address of [...hostAddresses(), METADATA]) {
        expect([address, await fetchFrom(fixture, ref, address, beacon().port)]).toEqual([address, '']);
      }
      expect(beacon().connections()).toBe(before);
    });

    it('cannot ask a name server', async () => {
      const { ref } = await fixture.running({ network });
      const name = uniqueName();
      for (const each of beacon().nameServers) {
        expect(await resolveAt(fixture, ref, name, each)).not.toContain(ANSWER);
      }
      expect(beacon().asked()).not.toContain(name);
    });

    it('reaches neither the metadata address nor an address of the internet', async () => {
      const { ref } = await fixture.running({ network });
      for (const address of [METADATA, ANSWER]) {
        const script = `${TOOLS}; $b nc -w ${WAIT_S} ${address} 80 </dev/null`;
        const { exit, stdout } = await run(engine, ref, sh(script), { signal: AbortSignal.timeout(20_000) });
        expect(exit.code).not.toBe(0);
        expect(stdout.toString()).toBe('');
      }
    });

    const others = (['none', 'loopback', 'full'] as const).filter(
      (each) => capabilities.network[each].support === 'enforced',
    );
    it.each(others)('does not reach a neighbour with the network %s', async (other) => {
      const token = randomBytes(8).toString('hex');
      const { port, addresses } = await neighbour(fixture, other, token);
      const { ref } = await fixture.running({ network });
      for (const address of addresses) {
        expect([address, await fetchFrom(fixture, ref, address, port)]).toEqual([address, '']);
      }
    });

    if (mode === 'loopback') {
      it('reaches its own servers', async () => {
        const token = randomBytes(8).toString('hex');
        const { ref } = await fixture.running({ network, command: server(7777, token) });
        await until('the answer', async () => (await fetchFrom(fixture, ref, '127.0.0.1', 7777)).includes(token));
      });
    }
  };
}

function full(fixture: Fixture): void {
  const beacon = withBeacon();

  it('reaches servers outside, by TCP and by UDP', async () => {
    const { ref } = await fixture.running({ network: { mode: 'full' } });
    const name = uniqueName();
    const answers: string[] = [];
    for (const [index, address] of hostAddresses().entries()) {
      if ((await fetchFrom(fixture, ref, address, beacon().port)) !== beacon().token) continue;
      answers.push(await resolveAt(fixture, ref, name, beacon().nameServers[index] ?? ''));
      if (answers.at(-1)?.includes(ANSWER)) break;
    }
    expect(answers.at(-1)).toContain(ANSWER);
    expect(beacon().asked()).toContain(name);
  });
}

/** How each network mode is shown to hold. One that is claimed as `enforced` and is not here fails the suite. */
export const networkCases: Readonly<Partial<Record<NetworkMode, (fixture: Fixture) => void>>> = {
  none: closed('none'),
  loopback: closed('loopback'),
  full,
};
