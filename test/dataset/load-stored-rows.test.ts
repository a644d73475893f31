import { describe, expect, test } from 'vitest';
import { configFormats } from '../../src/formats/config-format.js';
import { LOG_FORMATS } from '../../src/formats/format-catalog.js';
import type { LogFormat } from '../../src/formats/log-format.js';
import { seededChance } from '../records/seeded-chance.js';
import { tempFolder } from '../storage/temp-folder.js';
import { mergeFolder } from './merge-folder.js';
import { oddRecord } from './odd-records.js';
import { ALL_CALLS, differences, openSource } from './open-source.js';
import { comparable, membersOf } from './plain-json.js';
import { rebuildRecords } from './rebuild-records.js';

const RECORDS = 3000;
const OWN_FORMAT = configFormats(
  [
    {
      name: 'my-log',
      detect: { all: ['when', 'what'] },
      columns: { timestamp: '$.when', operation: '$.what', request: '$.data', service: { sql: `'mine'` } },
    },
  ],
  'formats',
)[0]!;
const FORMATS = [...LOG_FORMATS, OWN_FORMAT];

function formatOf(name: string): LogFormat {
  return FORMATS.find((format) => format.name === name)!;
}

/** A folder of three objects with made-up records, and the records. */
function oddFolder(format: LogFormat, seed: number, count = RECORDS): { folder: string; records: string[] } {
  const chance = seededChance(seed);
  const records = Array.from({ length: count }, () => oddRecord(format, chance));
  const parts = [records.slice(0, count / 2), records.slice(count / 2, count - 5), records.slice(count - 5)];
  const files = parts.map((part, i) => [`part=${i}/odd.json`, `${part.join('\n')}\n`] as const);
  return { folder: tempFolder(Object.fromEntries(files)), records };
}

/** What one list has and the other has not; equal texts are counted. */
function unequal(one: readonly string[], two: readonly string[]): string[] {
  const rows = (texts: readonly string[]) => texts.map((text) => ({ text }));
  return differences(rows(one), rows(two));
}

/** A bare dash is read as null. */
function expected(record: string): string {
  return comparable(membersOf(record).map(({ key, value }) => ({ key, value: value === '-' ? 'null' : value })));
}

describe.each(FORMATS.map(({ name }) => name))('made-up records of %s', (name) => {
  const format = formatOf(name);
  test.each([
    ['without partitions', []],
    ['with partitions named like fields', ['STATUS', 'region', 'eventName', 'time', 'metadata', 'uri', 'userid']],
  ])('come back value for value and give the same rows, %s', async (_, partitionKeys) => {
    const { folder, records } = oddFolder(format, 11);
    const merged = await mergeFolder(folder, { format, userFormats: [OWN_FORMAT], partitionKeys });
    const rebuilt = await rebuildRecords(merged.engine, merged.path, { format, columns: merged.columns });
    expect(unequal(rebuilt, records.map(expected))).toEqual([]);
    expect(merged.fingerprints[0]).toBe(merged.fingerprints[1]);
    const raw = `SELECT * FROM raw_${name.replaceAll('-', '_')}`;
    for (const sql of [ALL_CALLS, raw]) {
      const options = { asked: [sql], request: { userFormats: [OWN_FORMAT] } };
      const before = await openSource(folder, options);
      const after = await openSource(merged.folder, options);
      expect(differences(await after.rows(sql), await before.rows(sql)), sql).toEqual([]);
      expect(after.accounting.records.kept).toBe(before.accounting.records.kept);
    }
  });
});
