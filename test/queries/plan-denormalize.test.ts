import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/engines/engine.js';
import type { GivenParameters } from '../../src/queries/bind-parameters.js';
import { ask } from './ask.js';
import type { Json } from './cloudtrail-calls.js';
import { projectCloudTrail, readRecords, REAL_LOGS_ABSENT } from './cloudtrail-calls.js';
import { openEngine } from './duckdb-engine.js';

const AT = '2026-10-01T00:00:00';

interface Denormalized {
  /** Name and type of the columns after timestamp and operation. */
  readonly fields: readonly string[];
  readonly values: readonly (readonly Value[])[];
  readonly notes: readonly string[];
}

/** Denormalizes calls that have these requests, one minute apart. */
async function denormalize(requests: readonly (string | null)[], given: GivenParameters = {}): Promise<Denormalized> {
  const calls = requests.map((request, index) => ({
    timestamp: `2026-10-01T00:${String(index).padStart(2, '0')}:00`,
    operation: 'Op',
    request,
  }));
  const { rows, answer } = await ask(await openEngine(calls), 'denormalize', given);
  return {
    fields: answer.columns.slice(2).map(({ name, type }) => `${name} ${type}`),
    values: rows.map((row) => answer.columns.slice(2).map(({ name }) => row[name] ?? null)),
    notes: answer.notes,
  };
}

describe('with the fields named', () => {
  test('the S3 example', async () => {
    const engine = await openEngine([
      {
        timestamp: AT,
        operation: 'PutObject',
        service: 's3',
        request: '{"Bucket":"b","Key":"k","Tagging":{"TagSet":[{"Key":"t"}]}}',
      },
      { timestamp: AT, operation: 'ListBuckets', service: 's3', request: null },
    ]);
    const given = { columns: ['Bucket,Key'], as: ['tag=Tagging.TagSet[0].Key'] };
    const { rows, answer } = await ask(engine, 'denormalize', given);
    expect(answer.columns.map((column) => column.name)).toEqual(['timestamp', 'operation', 'Bucket', 'Key', 'tag']);
    expect(rows).toEqual([
      { timestamp: `${AT}Z`, operation: 'ListBuckets', Bucket: null, Key: null, tag: null },
      { timestamp: `${AT}Z`, operation: 'PutObject', Bucket: 'b', Key: 'k', tag: 't' },
    ]);
  });

  test.each([
    ['a.b', '{"a":{"b":1}}', 1n],
    ['$.a.b', '{"a":{"b":1}}', 1n],
    ['["a.b"]', '{"a.b":"x"}', 'x'],
    ['a["b,c"][1]', '{"a":{"b,c":[1,true]}}', true],
    ['["q\\"t"]', '{"q\\"t":"x"}', 'x'],
    ['[""]', '{"":"x"}', 'x'],
    ['$schema', '{"$schema":"x"}', 'x'],
    ['a/b~c', '{"a/b~c":"x"}', 'x'],
    ['é', '{"é":"x"}', 'x'],
    ["x'); DROP TABLE api_calls; --", `{"x'); DROP TABLE api_calls; --":"x"}`, 'x'],
    ['$x', '{"$x":2.5}', 2.5],
  ])('%s of %s', async (path, request, expected) => {
    const { values } = await denormalize([request], { columns: [path] });
    expect(values).toEqual([[expected]]);
  });

  test('a field of the response', async () => {
    const engine = await openEngine([{ timestamp: AT, request: '{"a":1}', response: '{"a":2}' }]);
    const { rows } = await ask(engine, 'denormalize', { from: 'response', columns: ['a'] });
    expect(rows).toEqual([{ timestamp: `${AT}Z`, operation: null, a: 2n }]);
  });

  test('a field that no call has is NULL, and that is said', async () => {
    const { fields, values, notes } = await denormalize(['{"Bucket":"b"}'], { columns: ['Bucket', 'Bukcet'] });
    expect([fields, values]).toEqual([['Bucket text', 'Bukcet text'], [['b', null]]]);
    expect(notes).toEqual(['no chosen call has a request field Bukcet']);
  });

  test('the same field twice is one column; a name that is taken gets a prefix', async () => {
    const { fields } = await denormalize(['{"a":1,"operation":"x"}'], { columns: ['a,operation', 'a'] });
    expect(fields).toEqual(['a integer', 'request.operation text']);
  });

  test.each([
    [{ as: ['tag'] }, /NAME=PATH/],
    [{ as: ['=a'] }, /NAME=PATH/],
    [{ as: ['timestamp=a'] }, /a column called timestamp already/],
    [{ as: ['x=a', 'x=b'] }, /a column called x already/],
    [{ columns: ['a..b'] }, /cannot be read/],
    [{ 'max-columns': '0' }, /from 1 to 500/],
  ])('%o is refused', async (given, message) => {
    await expect(denormalize(['{"a":1}'], given)).rejects.toThrow(message);
  });
});

describe('with the fields found', () => {
  test('most frequent first, ties by path; null and objects have no value', async () => {
    const { fields, values } = await denormalize([
      '{"b":{"c":"x","d":null},"a":1,"n":null,"o":{}}',
      '{"b":{"c":"y"},"list":[{"z":1}],"a":2}',
      '{"b":{"c":"z"}}',
    ]);
    expect(fields).toEqual(['b.c text', 'a integer', 'list json']);
    expect(values).toEqual([
      ['x', 1n, null],
      ['y', 2n, '[{"z":1}]'],
      ['z', null, null],
    ]);
  });

  test('a record that stands for many calls counts as many', async () => {
    const engine = await openEngine([
      { timestamp: AT, request: '{"a":1}', calls: 3 },
      { timestamp: AT, request: '{"b":1}' },
      { timestamp: AT, request: '{"b":1}' },
    ]);
    const { answer } = await ask(engine, 'denormalize', { 'max-columns': '1' });
    expect(answer.columns.map((column) => column.name)).toEqual(['timestamp', 'operation', 'a']);
    expect(answer.notes).toEqual(['1 of 2 fields; --max-columns shows more, --columns those that you name']);
  });

  test.each([
    [
      ['1', '-5', '9223372036854775807', '-9223372036854775808'],
      'integer',
      [1n, -5n, 9223372036854775807n, -9223372036854775808n],
    ],
    [['1', '1.5', '1e5'], 'double', [1, 1.5, 100000]],
    [['true', 'false', 'null'], 'boolean', [true, false, null]],
    [['"1"', '"2026-10-01"'], 'text', ['1', '2026-10-01']],
    [['"x"', '1', 'true'], 'text', ['x', '1', 'true']],
    [['true', '1'], 'text', ['true', '1']],
    [['9223372036854775808', '1'], 'text', ['9223372036854775808', '1']],
    [['123456789012345678901234567890', '1.5'], 'text', ['123456789012345678901234567890', '1.5']],
    [['9007199254740993', '0.5'], 'text', ['9007199254740993', '0.5']],
    [['1e400', '1'], 'text', ['1e400', '1']],
    [['[1, "x"]', '[]'], 'json', ['[1,"x"]', '[]']],
    [['[1]', '"x"', 'null', '2'], 'json', ['[1]', '"x"', null, '2']],
  ])('values %j are %s', async (values, type, expected) => {
    const answer = await denormalize(values.map((value) => `{"f":${value}}`));
    expect(answer.fields).toEqual([`f ${type}`]);
    expect(answer.values).toEqual(expected.map((value) => [value]));
  });

  test('a field that is a value in one call and an object in another keeps both', async () => {
    const { fields, values } = await denormalize(['{"a":"x"}', '{"a":{"b":1}}']);
    expect(fields).toEqual(['a json', 'a.b integer']);
    expect(values).toEqual([
      ['"x"', null],
      ['{"b":1}', 1n],
    ]);
  });

  test('documents without fields are rows all the same', async () => {
    const documents = [null, '', 'not json', '[1,2]', '"text"', '5', 'null', '{}', '{"a":', '{"a":1}'];
    const { fields, values } = await denormalize(documents);
    expect(fields).toEqual(['a integer']);
    expect(values).toEqual([...Array.from({ length: 9 }, () => [null]), [1n]]);
    expect((await denormalize(documents.slice(0, 9))).fields).toEqual([]);
    expect((await denormalize([])).values).toEqual([]);
  });

  test('keys of any kind', async () => {
    const document = {
      'a.b': 1,
      'q"t': 2,
      '': 3,
      $x: 4,
      é: 5,
      'sl/ash': 6,
      'ti~lde': 7,
      '[0]': 8,
      'n\u0000ul': 9,
      'back\\slash': 10,
      "x'); DROP TABLE api_calls; --": 11,
      timestamp: 12,
      operation: 13,
      'request.timestamp': 14,
      ' sp ace ': 15,
      'a,b': 16,
      column_1: 17,
      '\u001b[31m': 18,
      $path_1: 19,
    };
    const request = `${JSON.stringify(document).slice(0, -1)},"__proto__":20}`;
    const { fields, values } = await denormalize([request], { 'max-columns': '50' });
    expect(values[0]?.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    const byValue = fields.map((field, index) => [Number(values[0]?.[index]), field.replace(/ integer$/, '')]);
    expect(Object.fromEntries(byValue)).toMatchObject({
      1: '["a.b"]',
      2: '["q\\"t"]',
      3: '[""]',
      4: '["$x"]',
      6: 'sl/ash',
      8: '["[0]"]',
      13: 'request.operation',
      20: '__proto__',
    });
    expect(new Set(fields).size).toBe(20);
    for (const [value, name] of byValue.filter(([value]) => value !== 12 && value !== 13)) {
      expect((await denormalize([request], { columns: [String(name)] })).values).toEqual([[BigInt(Number(value))]]);
    }
  });

  test('a key that comes twice: the first counts', async () => {
    const { fields, values } = await denormalize(['{"a":1,"a":2,"b":"x"}']);
    expect([fields, values]).toEqual([['a integer', 'b text'], [[1n, 'x']]]);
  });

  test('a lone surrogate spoils itself only', async () => {
    const { values } = await denormalize(['{"a":"x\\ud800y","b":"fine"}', '{"a":"\\ud83d\\ude00","b":"fine"}']);
    expect(values).toEqual([
      ['x\ufffdy', 'fine'],
      ['😀', 'fine'],
    ]);
  });

  test('documents as deep as the reader lets through', async () => {
    const deep = `${'{"a":'.repeat(511)}1${'}'.repeat(511)}`;
    const { fields, values } = await denormalize([deep, '{"b":1}']);
    expect(fields).toEqual([`${Array(511).fill('a').join('.')} integer`, 'b integer']);
    expect(values).toEqual([
      [1n, null],
      [null, 1n],
    ]);
  });

  test('more fields than can be columns are refused, not kept', async () => {
    const wide = (from: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 50_001 }, (_, index) => [`k${from + index}`, 1])));
    const documents = [0, 1, 2, 3].map((part) => wide(part * 60_000));
    await expect(denormalize(documents)).rejects.toThrow(/more than 200,000 different fields/);
    expect((await denormalize(documents, { columns: ['k7'] })).values[0]).toEqual([1n]);
  });

  test('rows that tie on time and operation are ordered by their fields', async () => {
    const calls = ['{"k":"b"}', '{"k":"a"}', null, '{"k":"c"}'].map((request) => ({
      timestamp: AT,
      operation: 'Op',
      request,
    }));
    const { rows } = await ask(await openEngine(calls), 'denormalize');
    expect(rows.map((row) => row['k'])).toEqual(['a', 'b', 'c', null]);
  });
});

describe.skipIf(REAL_LOGS_ABSENT !== undefined)('the Invictus set', () => {
  const records = REAL_LOGS_ABSENT === undefined ? readRecords('invictus-aws-dataset/CloudTrail') : [];

  test.each([
    ['requestParameters', 'request', 's3.amazonaws.com', 20],
    ['responseElements', 'response', 'iam.amazonaws.com', 500],
    ['requestParameters', 'request', 'ec2.amazonaws.com', 15],
  ])('%s of %s %s', async (source, from, service, most) => {
    const chosen = records.filter((record) => record['eventSource'] === service);
    const engine = await openEngine(chosen.map(projectCloudTrail));
    const { rows, answer } = await ask(engine, 'denormalize', { from, 'max-columns': String(most) });

    const documents = chosen.map((record) => new Map(leaves(record[source] ?? null)));
    const counts = new Map<string, number>();
    for (const name of documents.flatMap((document) => [...document.keys()]))
      counts.set(name, (counts.get(name) ?? 0) + 1);
    const names = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([name]) => name);
    expect(answer.columns.slice(2).map((column) => column.name)).toEqual(names.slice(0, most));
    expect(names.length).toBeGreaterThan(10);

    const expected = chosen.map((record, index) =>
      [
        record['eventTime'],
        record['eventName'],
        ...names.slice(0, most).map((name) => documents[index]?.get(name) ?? null),
      ].map(asText),
    );
    const given = rows.map((row) => answer.columns.map((column) => asText(row[column.name] ?? null)));
    expect(given.map(String).sort()).toEqual(expected.map(String).sort());
    expect(given.map((row) => row[0])).toEqual(expected.map((row) => row[0]).sort());
  });
});

/** Every path of a document that has a value, as `denormalize` names it; an array is one value. */
function leaves(node: Json, path = ''): [string, Json][] {
  if (node === null) return [];
  if (typeof node !== 'object' || Array.isArray(node)) return path === '' ? [] : [[path, node]];
  return Object.entries(node).flatMap(([key, child]) => {
    const part = /[.[\]",\\]/.test(key) ? `["${key}"]` : path === '' ? key : `.${key}`;
    return leaves(child, path + part);
  });
}

function asText(value: Json | Value | undefined): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
