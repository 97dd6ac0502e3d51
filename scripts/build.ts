// `npm run build`: the page; with --desktop also the desktop host's bundle.
import { parseArgs } from 'node:util';
import { buildDesktop } from './build-desktop.ts';
import { buildPage } from './build-page.ts';

const { values } = parseArgs({ options: { desktop: { type: 'boolean', default: false } } });

console.log(`page: ${await buildPage()}`);
if (values.desktop) console.log(`desktop: ${await buildDesktop()}`);
