import { describe, expect, test } from 'vitest';
import { outputPartition, partitionNames, type PartitionMode } from '../../src/layouts/output-partition.js';

const TRAIL =
  'AWSLogs/o-abc/111122223333/CloudTrail/eu-west-1/2026/10/02/111122223333_CloudTrail_eu-west-1_20261002T1335Z_tqSnarEh9vfLVxz8.json.gz';
const FIREHOSE = 'logs/2026/10/01/06/calls-1-2026-10-01-06-12-04-5c6f6e40-b467-4c97-a3e8-93fb19fe692f';

/** A key, how it is to be partitioned, and the partition; undefined where the key tells of none. */
const CASES: readonly (readonly [string, PartitionMode, string | undefined])[] = [
  ['json-data/year=2026/month=10/day=01/hour=06/a.json', 'hive', 'year=2026/month=10/day=01/hour=06'],
  ['a/dt=2026-10-01/h=6/b/c.json', 'hive', 'dt=2026-10-01/h=6'],
  ['region=eu west/a=%2F/x.json', 'hive', 'region=eu west/a=%2F'],
  ['year=!{timestamp:yyyy}/2026/10/01/06/x.json', 'hive', 'year=2026/month=10/day=01/hour=06'],
  [TRAIL, 'hive', 'account=111122223333/region=eu-west-1/year=2026/month=10/day=02'],
  [TRAIL.slice(TRAIL.lastIndexOf('/') + 1), 'hive', 'account=111122223333/region=eu-west-1/year=2026/month=10/day=02'],
  [TRAIL, 'day', 'year=2026/month=10/day=02'],
  [TRAIL, 'hour', 'year=2026/month=10/day=02/hour=13'],
  [FIREHOSE, 'hive', 'year=2026/month=10/day=01/hour=06'],
  [FIREHOSE, 'day', 'year=2026/month=10/day=01'],
  ['year=2026/month=10/day=01/hour=06/a.json', 'day', 'year=2026/month=10/day=01'],
  ['plain.json', 'hive', undefined],
  ['plain.json', 'day', undefined],
  ['2026/10/01/a.json', 'day', 'year=2026/month=10/day=01'],
  ['2026/10/01/a.json', 'hour', undefined],
  ['year=2026/month=10/a.json', 'day', undefined],
  ['year=2026/a.json', 'none', ''],
];

describe('the partition of a key', () => {
  test.each(CASES)('%s by %s', (key, mode, expected) => {
    const names = partitionNames(key, { mode });
    expect(names === undefined ? undefined : outputPartition(key, names, { mode })).toBe(expected);
  });

  test('a name without a value gets Hive’s default partition', () => {
    const names = ['year', 'month', 'day'];
    expect(outputPartition('plain.json', names, { mode: 'day' })).toBe(
      names.map((name) => `${name}=__HIVE_DEFAULT_PARTITION__`).join('/'),
    );
  });
});
