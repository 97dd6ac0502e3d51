import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createModuleFiles } from './modules.ts';

it('sweeps what a killed host has left, and nothing that comes meanwhile', async () => {
  const home = await mkdtemp(join(tmpdir(), 'terrarium-modules-'));
  try {
    const modules = createModuleFiles(home);
    await modules.sweep(new Set());
    const add = async (id: string, name = '1.wasm') => {
      await mkdir(join(home, 'functions', id), { recursive: true });
      await writeFile(join(home, 'functions', id, name), '');
    };
    for (const id of ['fun_kept', 'fun_orphan']) await add(id);
    await add('incoming', 'mod_old.wasm');
    const sweeping = modules.sweep(new Set(['fun_kept']));
    await Promise.all([add('fun_new'), add('incoming', 'mod_new.wasm')]);
    await sweeping;
    expect(existsSync(modules.path('fun_kept', 1))).toBe(true);
    expect(existsSync(modules.path('fun_new', 1))).toBe(true);
    expect(existsSync(join(home, 'functions', 'incoming', 'mod_new.wasm'))).toBe(true);
    expect(existsSync(join(home, 'functions', 'fun_orphan'))).toBe(false);
    expect(existsSync(join(home, 'functions', 'incoming', 'mod_old.wasm'))).toBe(false);
  } finally {
    await rm(home, { recursive: true });
  }
});
