import { defineConfig } from 'vitest/config';

/** CI wants the counts in a file, everybody else wants to read. */
const jsonReport = process.env['VITEST_JSON_REPORT'];

/**
 * No test depends on how fast the machine is: these limits are reached only when something is broken.
 * They are longer than the waits inside of tests (test/eventually.ts, test/control-plane), which say
 * what they waited for.
 */
const minutes = 60_000;

export default defineConfig({
  test: {
    teardownTimeout: 5 * minutes,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cluster/**'],
          testTimeout: 15 * minutes,
          hookTimeout: 15 * minutes,
          pool: 'threads',
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          // Files share one control plane, and a StorageTenant belongs to all of it.
          fileParallelism: false,
          testTimeout: 30 * minutes,
          hookTimeout: 30 * minutes,
          pool: 'threads',
        },
      },
    ],
    ...(jsonReport !== undefined && {
      reporters: ['default', 'json'],
      outputFile: { json: jsonReport },
    }),
  },
});
