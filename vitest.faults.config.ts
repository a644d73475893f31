import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: all cases of the suites of faults of compaction and of the cache; `npm test` runs a few of each. */
export default defineConfig({
  test: {
    include: ['test/faults/compaction/**/*.test.ts', 'test/faults/cache/**/*.test.ts'],
    globalSetup: ['test/build-first.ts'],
    env: { AWSUSAGE_CACHE: 'off', AWSUSAGE_FAULTS: 'all' },
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxConcurrency: 4,
    pool: 'forks',
    maxWorkers: 2,
  },
});
