import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listQueries, loadQuery } from '../../src/queries/query-catalog.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'awsusage-test-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = [
  ...[
    'anomalies',
    'calls-over-time',
    'denormalize',
    'errors',
    'first-seen',
    'latency',
    'metering',
    'principals',
    'regions',
  ],
  ...['s3-buckets', 'services', 'sessions-per-day', 'top-operations', 'user-agents'],
];

function write(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the questions that come with awsusage', () => {
  test('are these, each with a summary', () => {
    expect(listQueries().map((query) => query.name)).toEqual(NAMES);
    expect(listQueries().filter((query) => query.summary === '' || query.summary.length > 80)).toEqual([]);
  });

  test.each(NAMES)('%s says its columns, parameters and an example', (name) => {
    const query = loadQuery(name);
    expect(query.columns.length).toBeGreaterThan(1);
    expect(query.parameters.filter((parameter) => parameter.description === '')).toEqual([]);
    expect(query.examples.length).toBeGreaterThan(0);
    expect(query.examples.filter((example) => !example.startsWith(`awsusage query ${name} `))).toEqual([]);
    expect(query.file).toBeUndefined();
  });

  test('only top-operations has a limit', () => {
    expect(NAMES.map(loadAndLimit).filter(([, limit]) => limit !== 0)).toEqual([['top-operations', 20]]);
  });
});

function loadAndLimit(name: string): [string, number] {
  return [name, loadQuery(name).limit];
}

describe('a name that is none', () => {
  test.each([
    ['sessions-per-dy', 'Did you mean sessions-per-day?'],
    ['top-opertions', 'Did you mean top-operations?'],
    ['Errors', 'Did you mean errors?'],
    ['denormalise', 'Did you mean denormalize?'],
  ])('%s: %s', (name, wayOut) => {
    expect(() => loadQuery(name)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 'usage',
        wayOut: expect.arrayContaining([wayOut, `The questions are: ${NAMES.join(', ')}.`]),
      }),
    );
  });

  test('far from all of them', () => {
    expect(() => loadQuery('xyzzy')).toThrow(
      expect.objectContaining({ wayOut: expect.not.arrayContaining([expect.stringContaining('Did you')]) }),
    );
  });
});

describe("a user's own file", () => {
  test('with a header', () => {
    const path = write(
      'my-question.sql',
      '-- summary: mine\n-- parameter: who\n--   type: text\n\nSELECT `a` FROM api_calls WHERE principal = $who',
    );
    expect(loadQuery(path, { reserved: ['since'] })).toMatchObject({
      name: 'my-question',
      summary: 'mine',
      file: path,
      sql: 'SELECT "a" FROM api_calls WHERE principal = $who',
    });
  });

  test('without one', () => {
    const path = write('PLAIN.SQL', 'SELECT 1');
    expect(loadQuery(path)).toMatchObject({ name: 'PLAIN', summary: '', sql: 'SELECT 1' });
  });

  test.each([
    [
      'taken.sql',
      '-- summary: s\n-- parameter: since\n--   type: text\nSELECT $since',
      /parameter "since" cannot be given: every question has a flag --since/,
    ],
    ['plan.sql', '-- summary: s\n-- plan: denormalize\nSELECT 1', /"plan" is only for/],
    ['latin1.sql', Uint8Array.from([0x53, 0xe9]), /it is not UTF-8 text/],
    ['empty.sql', '', /there is no SQL/],
  ])('%s is refused', (name, text, message) => {
    const path = write(name, text);
    expect(() => loadQuery(path, { reserved: ['since', 'limit'] })).toThrow(message);
  });

  test('that is not there', () => {
    expect(() => loadQuery('./no-such.sql')).toThrow(
      /Cannot read the question \.\/no-such\.sql: there is no such file/,
    );
    expect(() => loadQuery('no-such.sql')).toThrow(/there is no such file/);
    expect(() => loadQuery(`${folder}/`)).toThrow(/it is a folder/);
  });
});
