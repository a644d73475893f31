import { join } from 'node:path';
import { sharedPath } from '../records/shared-data.js';
import { ROOT } from './run-awsusage.js';
import type { MergedSet } from './same-answers.js';

export const MERGED_FIXTURES: readonly MergedSet[] = ['example-bucket', 'cloudtrail-bucket', 'apigateway-bucket'].map(
  (name) => ({ name, folder: join(ROOT, 'fixtures', name) }),
);

/** The real logs beside the checkout. */
export const MERGED_REAL_SETS: readonly MergedSet[] = [
  { name: 'invictus', folder: 'invictus-aws-dataset' },
  { name: 'stratus', folder: 'stratus-red-team' },
  { name: 'umccr', folder: 'umccr-cloudtrail-parquet-lambda/test_input' },
  { name: 'grycap', folder: 'grycap-cloudtrail-tracker' },
  { name: 'opensearch', folder: 'opensearch-catalog', flags: ['--format', 'cloudtrail'] },
].map((set) => ({ ...set, folder: sharedPath(set.folder) }));
