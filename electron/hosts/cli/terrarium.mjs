#!/usr/bin/env node
// The program `terrarium`. Plain JavaScript, so that an old Node can still say what is wrong.
import * as module from 'node:module';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(`terrarium needs Node.js 24 or newer; this is ${process.version}.`);
  process.exit(1);
}
module.enableCompileCache();
await import('./main.ts');
