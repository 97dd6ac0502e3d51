// The one entry of every npm script. Plain JavaScript, so that an old Node can still say what is wrong.
import { join } from 'node:path';

const [name = '', ...args] = process.argv.slice(2);
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(`Terrarium needs Node.js 24 or newer; this is ${process.version}.`);
  console.error('Run it through npm (npm start, npm test): "npm ci" brings the right Node.js along.');
  process.exit(1);
}
// What Node makes of TypeScript is kept for the next start of a host, which then takes half as long.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../.cache/compile');
process.argv.splice(2, process.argv.length, ...args);
await import(`./${name}.ts`);
