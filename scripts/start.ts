import { buildPage } from './build-page.ts';

if ((await buildPage()) === 'built') console.log('Built the page.');
await import('../electron/hosts/web/main.ts');
