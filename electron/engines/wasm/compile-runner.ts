// A program of its own: writes the runner's TypeScript as JavaScript into a folder. Node strips types in each
// process anew, which takes longer than all else that a small guest does; its cache is not to be had with permissions.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

const [source = '', target = ''] = process.argv.slice(2);
for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
  if (!/^(?:job|(?:runner|metering)\/.+)\.ts$/.test(file) || file.endsWith('.test.ts')) continue;
  const code = stripTypeScriptTypes(readFileSync(join(source, file), 'utf8'));
  const path = join(target, file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code.replace(/((?:from|import\()\s*'\.[^']*)\.ts'/g, "$1.js'"));
}
writeFileSync(join(target, 'package.json'), '{ "type": "module" }\n');
