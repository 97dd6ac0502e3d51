import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export.
export default defineConfig({
  test: {
    include: ['{shared,electron,renderer,scripts,bench}/**/*.test.{ts,tsx}'],
    // Engines are waited for more than computed: one worker a core, where Vitest would leave one idle.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 90_000,
    // Beside others' work a second, which is Vitest's own, is soon over.
    expect: { poll: { timeout: 30_000 } },
  },
});
