import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MERGED_FIXTURES, MERGED_REAL_SETS } from '../commands/merged-sets.js';
import { compareAnswers } from '../commands/same-answers.js';
import { REAL_LOGS_ABSENT } from '../queries/cloudtrail-calls.js';
import { EVERY_SERVER, type Server, startServer } from './every-server.js';
import { fillBucket } from './fill-bucket.js';
import { bucketPlace } from './merged-bucket.js';

const TIME_LIMIT = 300_000;
const SETS = [...MERGED_FIXTURES, ...(REAL_LOGS_ABSENT === undefined ? MERGED_REAL_SETS : [])];

describe.each(EVERY_SERVER)('a prefix of %s, its table, and both give the same answers', (name) => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer(name);
    await fillBucket(server, 'merged', new Map());
  });

  afterAll(() => server.stop());

  test.each(SETS)('$name', { timeout: TIME_LIMIT }, async (set) => {
    expect(await compareAnswers(bucketPlace(server, 'merged', set.name), set)).toEqual([]);
  });
});

describe.runIf(REAL_LOGS_ABSENT !== undefined)('the real sets', () => {
  test.skip(`${REAL_LOGS_ABSENT}`, () => undefined);
});
