import { expect, test } from 'vitest';
import { compactPolicy, gcPolicy } from '../../src/compaction/iam-policy.js';
import { jsonOf } from './answer.js';
import { awsusage, newFolder } from './run-awsusage.js';

const SCOPE = {
  sourceBucket: 'logs',
  sourcePrefix: 'json-data/',
  destinationBucket: 'logs',
  destinationPrefix: 'json-data-compacted/',
};

test.each<[string, string[], unknown]>([
  ['compact', ['s3://logs/json-data'], compactPolicy(SCOPE)],
  ['compact by flags', ['--bucket', 'logs', '--prefix', 'json-data/'], compactPolicy(SCOPE)],
  [
    'compact elsewhere, in China',
    ['s3://logs/json-data/', '--to', 's3://tables/parquet/', '--region', 'cn-north-1'],
    compactPolicy({ ...SCOPE, destinationBucket: 'tables', destinationPrefix: 'parquet/', partition: 'aws-cn' }),
  ],
  ['gc', ['gc', 's3://logs/json-data/'], gcPolicy({ ...SCOPE, removal: 'delete' })],
  ['gc that tags', ['gc', 's3://logs/json-data/', '--tag', 'a=b'], gcPolicy({ ...SCOPE, removal: 'tag' })],
])('the policy of %s is printed, and no request is made', async (_name, args, expected) => {
  // Nothing answers there.
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
  const end = await awsusage(['compact', ...args, '--print-policy'], { env });
  expect(end).toMatchObject({ code: 0, stderr: '', left: [] });
  expect(jsonOf<unknown>(end)).toEqual(JSON.parse(JSON.stringify(expected)));
});

test.each([
  ['a folder', ['compact', '.']],
  ['a table in a folder', ['compact', 's3://logs/json-data/', '--to', 'table']],
  ['a folder to clean', ['compact', 'gc', '.']],
])('there is none for %s', async (_name, args) => {
  const end = await awsusage([...args, '--print-policy'], { cwd: newFolder() });
  expect(end).toMatchObject({ code: 2, stdout: '' });
  expect(end.stderr).toContain('it is no bucket');
});
