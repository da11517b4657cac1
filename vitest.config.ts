import { defineConfig } from 'vitest/config';

/** CI wants the counts in a file, everybody else wants to read. */
const jsonReport = process.env['VITEST_JSON_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    pool: 'threads',
    ...(jsonReport !== undefined && {
      reporters: ['default', 'json'],
      outputFile: { json: jsonReport },
    }),
  },
});
