import { defineConfig } from 'vitest/config';

/** The tests that need a real API server: one control plane for the whole run, one file at a time. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'cluster',
    include: ['test/cluster/**/*.test.ts'],
    globalSetup: ['test/cluster/global-setup.ts'],
    // Files share the cluster, and a StorageTenant belongs to all of it.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
  },
});
