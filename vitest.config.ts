import { defineConfig } from 'vitest/config';

/** CI wants the counts in a file, everybody else wants to read. */
const jsonReport = process.env['VITEST_JSON_REPORT'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cluster/**'],
          testTimeout: 20_000,
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
          testTimeout: 60_000,
          hookTimeout: 60_000,
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
