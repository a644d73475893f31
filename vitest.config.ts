import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need programs that npm does not bring: `npm run test:servers` runs them.
    exclude: [...configDefaults.exclude, 'test/servers/**'],
    globalSetup: ['test/build-first.ts'],
    // A process of its own would go on behind a test.
    env: { AWSUSAGE_CACHE: 'off' },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});
