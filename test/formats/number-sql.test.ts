import { expect, test } from 'vitest';
import { doubleSql, integerSql } from '../../src/formats/number-sql.js';
import { openDuckDb, valuesFor } from './duckdb-session.js';

test('integerSql takes digits with or without a minus, and nothing else', async () => {
  const accepted = ['0', '-0', '200', '-7', '007', '9223372036854775807', '-9223372036854775808'];
  const refused = [
    '1.7',
    '1.0',
    ' 5',
    '5 ',
    '+5',
    '0x1F',
    '0b1',
    '1e3',
    '1_000',
    '.5',
    '5.',
    '',
    '-',
    'true',
    '9223372036854775808',
    '٣',
    null,
  ];
  const values = await valuesFor(await openDuckDb(), integerSql('x'), [...accepted, ...refused]);
  expect(values).toEqual([...accepted.map((text) => BigInt(text).toString()), ...refused.map(() => null)]);
});

test('doubleSql takes finite JSON numbers', async () => {
  const accepted = ['0', '-0.5', '12', '1e3', '1.25E-2', '123456789.125'];
  const refused = ['inf', 'Infinity', '-inf', 'nan', 'NaN', '1e400', ' 1', '1_0', '.5', '5.', '+1', '', '-', null];
  const values = await valuesFor(await openDuckDb(), doubleSql('x'), [...accepted, ...refused]);
  expect(values).toEqual([...accepted.map(Number), ...refused.map(() => null)]);
});
