import { defineConfig } from 'vitest/config';

/** `npm run test:servers`: the suites that need S3 servers of other makers, as `npm run test:servers:setup` installs them. */
export default defineConfig({
  test: {
    include: ['test/servers/**/*.test.ts'],
    globalSetup: ['test/build-first.ts', 'test/servers/require-servers.ts'],
    // The tests' own client would say at every start that it will leave Node 20; the program under test has its own environment.
    env: { AWSUSAGE_CACHE: 'off', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});
