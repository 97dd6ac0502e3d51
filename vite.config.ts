import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `vite` (development) finds a running web host. */
const host = process.env.TERRARIUM_HOST ?? 'http://127.0.0.1:7420';

// biome-ignore lint/style/noDefaultExport: Vite reads the default export.
export default defineConfig({
  root: 'renderer',
  cacheDir: '../.cache/vite',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    // Everything is its own file: the page's policy allows no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/rpc': { target: host.replace(/^http/, 'ws'), ws: true },
      '/auth': { target: host },
    },
  },
});
