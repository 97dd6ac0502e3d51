// `npm run docs`: writes docs/cli.md from the commands of `terrarium` themselves.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../electron/hosts/cli/program.ts';
import { renderReference } from '../electron/hosts/cli/reference.ts';

const folder = join(import.meta.dirname, '../docs');
mkdirSync(folder, { recursive: true });
// The version is not shown.
writeFileSync(join(folder, 'cli.md'), renderReference(createProgram('')));
console.log('docs/cli.md is written.');
