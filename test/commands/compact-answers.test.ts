import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REAL_LOGS_ABSENT } from '../queries/cloudtrail-calls.js';
import { sharedPath } from '../records/shared-data.js';
import { localPlace } from './merged-place.js';
import { ROOT } from './run-awsusage.js';
import { compareAnswers, type MergedSet } from './same-answers.js';

const FIXTURES: readonly MergedSet[] = ['example-bucket', 'cloudtrail-bucket', 'apigateway-bucket'].map((name) => ({
  name,
  folder: join(ROOT, 'fixtures', name),
}));

const REAL_SETS: readonly MergedSet[] = [
  { name: 'invictus', folder: 'invictus-aws-dataset' },
  { name: 'stratus', folder: 'stratus-red-team' },
  { name: 'umccr', folder: 'umccr-cloudtrail-parquet-lambda/test_input' },
  { name: 'grycap', folder: 'grycap-cloudtrail-tracker' },
  { name: 'opensearch', folder: 'opensearch-catalog', flags: ['--format', 'cloudtrail'] },
].map((set) => ({ ...set, folder: sharedPath(set.folder) }));

const TIME_LIMIT = 300_000;

describe('a source, its table, and both give the same answers, half merged and merged', () => {
  test.each(FIXTURES)('$name', { timeout: TIME_LIMIT }, async (set) => {
    expect(await compareAnswers(localPlace(), set)).toEqual([]);
  });

  test.skipIf(REAL_LOGS_ABSENT !== undefined).each(REAL_SETS)(
    '$name, real logs',
    { timeout: TIME_LIMIT },
    async (set) => {
      expect(await compareAnswers(localPlace(), set)).toEqual([]);
    },
  );
});
