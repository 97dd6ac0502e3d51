import { buildPage } from './build-page.ts';

console.log(`page: ${await buildPage()}`);
