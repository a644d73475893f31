import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededChance, type Chance } from '../records/seeded-chance.js';
import { tempFolder } from '../storage/temp-folder.js';
import { ALL_CALLS, differences, openSource, type ObjectRow } from './open-source.js';
import { PLAIN_ROWS, type PlainRecord } from './plain-rows.js';

const SEEDS = [1, 2, 3];

/** Questions that read few columns, many and all; the last ones read columns that no decision begins with. */
const QUESTIONS = [
  ALL_CALLS,
  'SELECT count(*) AS n FROM api_calls',
  'SELECT service, count(*) AS n, sum(calls) AS calls FROM api_calls GROUP BY 1',
  'SELECT event_id, account_id, "timestamp" FROM api_calls',
  'SELECT response FROM api_calls',
  'SELECT object_key, count(*) AS n FROM api_calls GROUP BY 1',
  'SELECT error_code, status_code FROM api_calls WHERE duration_ms > 1',
];

describe.each(SEEDS)('records with the same id, seed %i', (seed) => {
  test('the earliest stays, then the one whose columns sort first, in whatever order they come', async () => {
    const chance = seededChance(seed);
    const records = Array.from({ length: 400 }, () => madeUpRecord(chance));
    const rows = records.map(PLAIN_ROWS['api-call']!);
    const kept = keptRows(rows);
    expect(kept.length).toBeLessThan(rows.length);
    for (const fileCount of [1, 3, 40]) {
      const folder = tempFolder();
      const files = deal(chance, records, fileCount);
      for (const [key, lines] of files) writeFileSync(join(folder, key), lines.join('\n'));
      const { rows: ask, accounting } = await openSource(folder);
      const answered = (await ask(ALL_CALLS)).map((row) => ({ ...row, object_key: null }));
      expect(differences(answered, kept)).toEqual([]);
      expect(accounting.records).toMatchObject({ read: 400, kept: kept.length, duplicate: 400 - kept.length });
    }
  });

  test('the answer is the same, whatever columns are loaded', async () => {
    const chance = seededChance(seed + 1000);
    const folder = tempFolder();
    // Long enough for the engine to read most files itself; in one of them no record has an id.
    const padding = 'x'.repeat(700);
    const records = Array.from({ length: 300 }, () => ({ ...madeUpRecord(chance), padding }));
    for (const [key, lines] of deal(chance, records, 7)) writeFileSync(join(folder, key), lines.join('\n'));
    const nameless = records.map((record) => JSON.stringify({ ...record, event_id: null }));
    writeFileSync(join(folder, 'nameless.json'), nameless.join('\n'));
    const wide = await openSource(folder, { asked: [ALL_CALLS] });
    for (const sql of QUESTIONS) {
      const narrow = await openSource(folder, { asked: [sql] });
      expect(differences(await narrow.rows(sql), await wide.rows(sql))).toEqual([]);
      expect(narrow.accounting).toEqual(wide.accounting);
    }
  });
});

describe('which of several records stays', () => {
  const call = { service: 's3', operation: 'A', session_id: 's', event_id: 'e', timestamp: '2026-03-01T06:00:00' };
  const CASES: Readonly<Record<string, { records: PlainRecord[]; kept: number[] }>> = {
    'the earlier one': { records: [{ ...call, timestamp: '2026-03-01T06:00:00.000001' }, call], kept: [1] },
    'one with a time before one without': {
      records: [
        { ...call, timestamp: null },
        { ...call, operation: 'Z' },
      ],
      kept: [1],
    },
    'one with a value before one without': {
      records: [
        { ...call, region: null },
        { ...call, region: 'z' },
      ],
      kept: [1],
    },
    'the column that comes first decides': {
      records: [
        { ...call, region: 'a', operation: 'Z' },
        { ...call, region: 'b', operation: 'A' },
      ],
      kept: [0],
    },
    'text sorts by its characters, not by a language': {
      records: [
        { ...call, region: 'a' },
        { ...call, region: 'B' },
      ],
      kept: [1],
    },
    'numbers sort by size': {
      records: [
        { ...call, status_code: 1000 },
        { ...call, status_code: 200 },
      ],
      kept: [1],
    },
    'no account is an account': { records: [call, { ...call }], kept: [0] },
    'other accounts are other records': {
      records: [call, { ...call, account_id: '000000000001' }, { ...call, account_id: '000000000002' }],
      kept: [0, 1, 2],
    },
    'no id is no id': {
      records: [
        { ...call, event_id: null },
        { ...call, event_id: null },
        { ...call, event_id: '' },
      ],
      kept: [0, 1, 2],
    },
    'ids are not trimmed and not folded': {
      records: [call, { ...call, event_id: 'E' }, { ...call, event_id: 'e ' }],
      kept: [0, 1, 2],
    },
  };

  test.each(Object.keys(CASES))('%s', async (name) => {
    const { records, kept } = CASES[name]!;
    for (const order of [records, records.toReversed()]) {
      const folder = tempFolder({ 'a.json': order.map((record) => JSON.stringify(record)).join('\n') });
      const { rows } = await openSource(folder);
      const answered = (await rows(ALL_CALLS)).map((row) => ({ ...row, object_key: null }));
      expect(answered.map((row) => ({ ...row, timestamp: null }))).toHaveLength(kept.length);
      const expected = kept.map((index) => PLAIN_ROWS['api-call']!(records[index]!));
      expect(differences(answered, expected)).toEqual([]);
    }
  });

  test('the same id in two formats is two records', async () => {
    const event = { event_id: 'e', event_timestamp: '2026-03-01T06:00:00Z', event_type: 'x', app_title: 'a' };
    const folder = tempFolder({
      'a.json': [call, call, event, event].map((record) => JSON.stringify(record)).join('\n'),
    });
    expect((await openSource(folder)).accounting.records).toMatchObject({ kept: 2, duplicate: 2 });
  });

  test('of records that are the same in every column, the key of the one that was listed first', async () => {
    const lines = `${JSON.stringify(call)}\n`.repeat(5);
    const folder = tempFolder({ 'b.json': lines, 'a.json': lines, 'c.json': lines });
    const { rows } = await openSource(folder, { asked: ['SELECT object_key FROM api_calls'] });
    expect(await rows('SELECT object_key FROM api_calls')).toEqual([{ object_key: 'a.json' }]);
  });

  test('before any filter', async () => {
    const folder = tempFolder({
      'a.json': [call, { ...call, timestamp: '2026-03-02T06:00:00' }]
        .map((record) => JSON.stringify(record))
        .join('\n'),
    });
    const { accounting } = await openSource(folder, {
      filters: { window: { since: Date.parse('2026-03-02T00:00:00Z') } },
    });
    expect(accounting.records).toEqual({ read: 2, kept: 0, duplicate: 1, filtered: 1, quarantined: 0 });
  });
});

/** Few values of everything, so that ids, times and whole records repeat. */
function madeUpRecord({ pick, below }: Chance): PlainRecord {
  return {
    service: pick(['s3', 'sqs']),
    operation: pick(['A', 'B']),
    session_id: pick(['s', 't', null]),
    event_id: pick([null, '', ...Array.from({ length: 30 }, () => `id-${below(60)}`)]),
    timestamp: pick([null, '2026-03-01T06:00:00Z', '2026-03-01T06:00:01Z', '2026-03-01T06:00:00Z']),
    account_id: pick([undefined, undefined, '000000000001']),
    region: pick([null, 'a', 'B', 'é', '']),
    status_code: pick([null, 9, 10, 200]),
    duration_ms: pick([null, 0.5, 2, 10]),
    err_type: pick([null, 'X']),
    response: pick([null, '{"a":1}', '{"b":1}']),
  };
}

/** Records as lines of files, in an order of their own. */
function deal({ below }: Chance, records: readonly PlainRecord[], fileCount: number): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const record of records) {
    const key = `${below(fileCount)}.json`;
    const lines = files.get(key) ?? [];
    lines.splice(below(lines.length + 1), 0, JSON.stringify(record));
    files.set(key, lines);
  }
  return files;
}

/** The rule of the design, worked out row by row. */
function keptRows(rows: readonly ObjectRow[]): ObjectRow[] {
  const kept = new Map<string, ObjectRow>();
  const others: ObjectRow[] = [];
  for (const row of rows) {
    if (row['event_id'] === null) {
      others.push(row);
      continue;
    }
    const identity = JSON.stringify([row['event_id'], row['log_format'], row['account_id']]);
    const other = kept.get(identity);
    if (other === undefined || compareRows(row, other) < 0) kept.set(identity, row);
  }
  return [...others, ...kept.values()];
}

/** The columns of the view are in their order in a row, the time first. NULL sorts last. */
function compareRows(one: ObjectRow, two: ObjectRow): number {
  for (const name of Object.keys(one)) {
    const [a = null, b = null] = [one[name], two[name]];
    if (a === b) continue;
    if (a === null) return 1;
    if (b === null) return -1;
    if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
    return a < b ? -1 : 1;
  }
  return 0;
}
