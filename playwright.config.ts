import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/provision/chromium.ts';

const chromium = findChromium();
const isRoot = process.getuid?.() === 0;

// biome-ignore lint/style/noDefaultExport: Playwright reads the default export.
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // Each test has a host of its own, but real engines and a browser fill two cores by themselves.
  workers: 1,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    headless: true,
    actionTimeout: 30_000,
    trace: 'retain-on-failure',
    permissions: ['clipboard-read', 'clipboard-write'],
    launchOptions: {
      // The machine's browser; Playwright's own download where there is none.
      ...(chromium ? { executablePath: chromium } : {}),
      // Chromium's own sandbox does not work as root.
      chromiumSandbox: !isRoot,
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
