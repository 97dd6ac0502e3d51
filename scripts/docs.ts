// `npm run docs`: writes what is said of the commands and of the configuration from these themselves.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDocs } from '../electron/hosts/cli/generated-docs.ts';

for (const [path, text] of generatedDocs()) {
  writeFileSync(join(import.meta.dirname, '..', path), text);
  console.log(`${path} is written.`);
}
