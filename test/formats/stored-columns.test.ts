import { describe, expect, test } from 'vitest';
import { configFormats } from '../../src/formats/config-format.js';
import { LOG_FORMATS } from '../../src/formats/format-catalog.js';
import { fieldIdsSql, storedColumns } from '../../src/formats/stored-columns.js';
import { storedFields } from '../../src/formats/stored-fields.js';

const named = (name: string) => LOG_FORMATS.find((format) => format.name === name)!;

describe('the columns of merged files', () => {
  test('are those that the hourly merge job has, with what gives the rest back', () => {
    const columns = storedColumns(named('apigateway'), ['year', 'month', 'day', 'hour']);
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    for (const name of ['requestId', 'ip', 'user', 'httpMethod', 'resourcePath', 'protocol'])
      expect(types.get(name), name).toBe('VARCHAR');
    expect(types.get('requestTime')).toBe('TIMESTAMP');
    expect(types.get('responseLength')).toBe('BIGINT');
    expect(columns.slice(-3).map(({ name }) => name)).toEqual(['extra', 'record_keys', 'object_key']);
  });

  test('leave out what a partition is named like, in any case, and keep the other ids', () => {
    const all = storedColumns(named('api-call'), []);
    const some = storedColumns(named('api-call'), ['REGION', 'year']);
    expect(some).toEqual(all.filter(({ name }) => name !== 'region'));
  });

  test('of a user’s format are the record and what it maps, with ids that do not hang on the configuration', () => {
    const formatOf = (columns: Record<string, string>) =>
      configFormats(
        [{ name: 'mine', detect: { all: ['t'] }, columns: { timestamp: '$.t', ...columns } }],
        'formats',
      )[0]!;
    const few = storedColumns(formatOf({ status_code: '$.s' }), []);
    const more = storedColumns(formatOf({ region: '$.r', status_code: '$.s' }), []);
    expect(few.map(({ name }) => name)).toEqual([
      'record',
      'timestamp',
      'status_code',
      'extra',
      'record_keys',
      'object_key',
    ]);
    expect(more.filter(({ name }) => name !== 'region')).toEqual(few);
    expect(fieldIdsSql(few.slice(0, 2))).toBe('{"record": 101, "timestamp": 1001}');
  });

  test.each(LOG_FORMATS.map(({ name }) => name))('%s has an id, a name and marks for each', (name) => {
    const format = named(name);
    const columns = storedColumns(format, []);
    expect(new Set(columns.map(({ fieldId }) => fieldId)).size).toBe(columns.length);
    expect(new Set(columns.map((column) => column.name.toLowerCase())).size).toBe(columns.length);
    const marks = storedFields(format, []).flatMap(({ mark, keptMark }) => [mark, keptMark]);
    expect(new Set(marks).size).toBe(2 * Object.keys(format.fields).length);
    expect(marks.join('')).not.toMatch(/['"\\]|\p{Cc}/u);
    // A bit for each has to fit into a BIGINT.
    expect(Object.keys(format.fields).length).toBeLessThanOrEqual(62);
    expect(Object.keys(format.fields)).toEqual(expect.arrayContaining(Object.keys(format.spellings ?? {})));
  });
});
