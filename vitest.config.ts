import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // Golden files and their orphans are compared in one process each; nothing is shared between files.
    pool: 'threads',
  },
});
