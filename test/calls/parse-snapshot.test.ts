import { describe, expect, test } from 'vitest';
import { isSnapshotText, parseSnapshot } from '../../src/calls/parse-snapshot.js';
import type { Snapshot } from '../../src/calls/snapshot.js';
import { writeSnapshot } from '../../src/calls/write-snapshot.js';
import { HOSTILE_STRINGS } from '../output/hostile-strings.js';

const HEADER = { awsusage: 'snapshot', version: 1, by: ['service', 'operation'], counts: 'none' };

describe('a snapshot', () => {
  test.each<[string, Snapshot]>([
    ['without kinds', { by: ['service'], counts: 'none', kinds: [] }],
    ['with missing values', { by: ['service', 'error_code'], counts: 'none', kinds: [{ values: ['s3', null] }] }],
    ['with counts', { by: ['service'], counts: 'exact', kinds: [{ values: ['s3'], calls: 12n }] }],
    ['with ranges', { by: ['service'], counts: 'range', kinds: [{ values: ['s3'], range: '10-99' }] }],
    [
      'with hostile values',
      {
        by: ['operation', 'resource'],
        counts: 'none',
        kinds: HOSTILE_STRINGS.map((text, at) => ({ values: [`${at}`, text] })),
      },
    ],
  ])('%s is read as it was written', (_, snapshot) => {
    const text = writeSnapshot(snapshot);
    expect(parseSnapshot(JSON.parse(text), 'x')).toEqual(snapshot);
    expect(text.split('\n')).toHaveLength(snapshot.kinds.length + 3);
    expect(isSnapshotText(text)).toBe(true);
    expect(isSnapshotText(JSON.stringify(JSON.parse(text), undefined, 2))).toBe(true);
  });

  test.each([
    [{}, 'it does not begin as one'],
    [[], 'it does not begin as one'],
    [[{ ...HEADER, awsusage: 'x' }], 'it does not begin as one'],
    [[{ ...HEADER, version: 2 }], 'it has version 2'],
    [[{ ...HEADER, by: [] }], 'is no list of dimensions'],
    [[{ ...HEADER, by: ['service', 'service'] }], 'is no list of dimensions'],
    [[{ ...HEADER, by: ['toString'] }], 'is no list of dimensions'],
    [[{ ...HEADER, counts: 'all' }], '"counts" of its first line'],
    [[HEADER, 7], 'kind 1 is no object'],
    [[HEADER, { service: 's3' }, { service: 7 }], 'kind 2 has a service that is no text'],
    [[HEADER, { service: 's3', region: 'x' }], 'kind 1 has "region"'],
    [[HEADER, { service: 's3', calls: 1 }], 'kind 1 has "calls"'],
    [[HEADER, { service: 's3' }, { service: 's3', operation: null }], 'kind 2 is there twice'],
    [[{ ...HEADER, counts: 'exact' }, { service: 's3' }], 'kind 1 has no "calls"'],
    [
      [
        { ...HEADER, counts: 'exact' },
        { service: 's3', calls: '1-9' },
      ],
      'kind 1 has no "calls"',
    ],
    [
      [
        { ...HEADER, counts: 'range' },
        { service: 's3', calls: 'many' },
      ],
      'kind 1 has no "calls"',
    ],
  ])('%j is none', (value, problem) => {
    expect(() => parseSnapshot(value, 'x.json')).toThrow(/^x\.json is no snapshot that can be read: /);
    expect(() => parseSnapshot(value, 'x.json')).toThrow(problem);
  });

  test.each(['{"awsusage":"snapshot"}', '[{"service":"s3"}]', '', '{"Records":[]}', '[[{"awsusage":"snapshot"'])(
    '%s does not begin as one',
    (text) => expect(isSnapshotText(text)).toBe(false),
  );
});
