import { expect, test } from 'vitest';
import type { FieldType } from '../../src/formats/log-format.js';
import { typedSql } from '../../src/formats/typed-sql.js';
import { openDuckDb, valuesFor } from './duckdb-session.js';

const CASES: readonly (readonly [FieldType, string, string, unknown])[] = [
  ['text', 'VARCHAR', '1.10', '1.10'],
  ['json', 'VARCHAR', '{"a": 1.10}', '{"a": 1.10}'],
  ['integer', 'BIGINT', '12', '12'],
  ['integer', 'BIGINT', '1.7', null],
  ['double', 'DOUBLE', '1.5', 1.5],
  ['double', 'DOUBLE', 'nan', null],
  ['boolean', 'BOOLEAN', 'true', true],
  ['boolean', 'BOOLEAN', 'false', false],
  ['boolean', 'BOOLEAN', 'yes', null],
  ['timestamp', 'TIMESTAMP', '2023-01-10T06:15:01Z', '2023-01-10 06:15:01'],
  ['timestamp', 'TIMESTAMP', 'soon', null],
];

test.each(CASES)('%s is %s: %s', async (type, sqlType, text, expected) => {
  const connection = await openDuckDb();
  expect(await valuesFor(connection, typedSql('x', type), [text])).toEqual([expected]);
  expect(await valuesFor(connection, `typeof(${typedSql('x', type)})`, [text])).toEqual([sqlType]);
});
