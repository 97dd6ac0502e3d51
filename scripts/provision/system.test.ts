import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from './apt.ts';
import { findChromium } from './chromium.ts';
import { isStaticBinary } from './static-binary.ts';
import { isDebianRelease } from './system.ts';

describe('the system', () => {
  it.each([
    ['ID=debian\n', true],
    ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', true],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['ID=fedora\nID_LIKE="rhel"\n', false],
    ['NAME="not debian"\n', false],
    ['', false],
  ])('%j is Debian: %s', (release, expected) => {
    expect(isDebianRelease(release)).toBe(expected);
  });
});

describe('what apt can install', () => {
  const policy = `chromium:
  Installed: (none)
  Candidate: 1.2-3
  Version table:
     1.2-3 500
ghost:
  Installed: (none)
  Candidate: (none)
chromium-browser:
  Installed: (none)
  Candidate: 2:1snap1-0ubuntu2
`;

  it('is what has a candidate that is no snap', () => {
    expect([...parsePolicy(policy)]).toEqual(['chromium']);
  });
});

describe('a program', () => {
  it('that asks for a loader, or is a script, or is not there, is not static', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'static-'));
    const script = join(folder, 'script');
    writeFileSync(script, '#!/bin/sh\n');
    expect(isStaticBinary(script)).toBe(false);
    expect(isStaticBinary(join(folder, 'nothing'))).toBe(false);
    expect(isStaticBinary(process.execPath)).toBe(false);
    await rm(folder, { recursive: true });
  });

  it('named by TERRARIUM_CHROMIUM is the browser, if it can be run', () => {
    expect(findChromium({ TERRARIUM_CHROMIUM: process.execPath })).toBe(process.execPath);
    expect(findChromium({ TERRARIUM_CHROMIUM: '/nothing/here', PATH: process.env.PATH })).toBeNull();
  });
});
