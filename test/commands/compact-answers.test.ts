import { describe, expect, test } from 'vitest';
import { REAL_LOGS_ABSENT } from '../queries/cloudtrail-calls.js';
import { localPlace } from './merged-place.js';
import { MERGED_FIXTURES, MERGED_REAL_SETS } from './merged-sets.js';
import { compareAnswers } from './same-answers.js';

const TIME_LIMIT = 300_000;

describe('a source, its table, and both give the same answers, half merged and merged', () => {
  test.each(MERGED_FIXTURES)('$name', { timeout: TIME_LIMIT }, async (set) => {
    expect(await compareAnswers(localPlace(), set)).toEqual([]);
  });

  test.skipIf(REAL_LOGS_ABSENT !== undefined).each(MERGED_REAL_SETS)(
    '$name, real logs',
    { timeout: TIME_LIMIT },
    async (set) => {
      expect(await compareAnswers(localPlace(), set)).toEqual([]);
    },
  );
});
