// `npm run build`: the page and the client for scripts; with --desktop also the desktop host's bundle.
import { parseArgs } from 'node:util';
import { buildClient } from './build-client.ts';
import { buildDesktop } from './build-desktop.ts';
import { buildPage } from './build-page.ts';

const { values } = parseArgs({ options: { desktop: { type: 'boolean', default: false } } });

console.log(`page: ${await buildPage()}`);
console.log(`client: ${await buildClient()}`);
if (values.desktop) console.log(`desktop: ${await buildDesktop()}`);
