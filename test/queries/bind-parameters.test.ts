import { describe, expect, test } from 'vitest';
import type { Parameter } from '../../src/engines/engine.js';
import { bindParameters } from '../../src/queries/bind-parameters.js';
import type { CannedQuery, QueryParameter } from '../../src/queries/canned-query.js';

const PARAMETERS: readonly Partial<QueryParameter>[] = [
  { name: 'name', type: 'text' },
  { name: 'window', type: 'integer', defaultText: '24', min: 0, max: 100 },
  { name: 'sigma', type: 'number', defaultText: '3', min: 0 },
  { name: 'fill-gaps', type: 'boolean' },
  { name: 'every', type: 'choice', defaultText: 'hour', choices: ['minute', 'hour'] },
  { name: 'timezone', type: 'timezone', defaultText: 'UTC' },
  { name: 'columns', type: 'list' },
];

const QUERY = queryWith(PARAMETERS);
const DEFAULTS = { name: null, window: 24n, sigma: 3, fill_gaps: false, every: 'hour', timezone: 'UTC', columns: '[]' };

function queryWith(parameters: readonly Partial<QueryParameter>[]): CannedQuery {
  const full = parameters.map((parameter) => ({ choices: [], required: false, description: '', ...parameter }));
  return {
    ...{ name: 'q', summary: '', columns: [], examples: [], notes: [], limit: 0, sql: '' },
    parameters: full as unknown as readonly QueryParameter[],
  };
}

test('defaults', () => {
  expect(bindParameters(QUERY, {})).toEqual(DEFAULTS);
});

const FITTING: readonly (readonly [string, string | string[] | boolean, string, Parameter])[] = [
  ['name', "x'; --", 'name', "x'; --"],
  ['name', '', 'name', ''],
  ['window', '0', 'window', 0n],
  ['window', ' +7 ', 'window', 7n],
  ['window', ['7'], 'window', 7n],
  ['sigma', '2.5', 'sigma', 2.5],
  ['sigma', '1e-3', 'sigma', 0.001],
  ['fill-gaps', true, 'fill_gaps', true],
  ['fill-gaps', 'no', 'fill_gaps', false],
  ['every', 'minute', 'every', 'minute'],
  ['timezone', 'Europe/Berlin', 'timezone', 'Europe/Berlin'],
  ['timezone', 'europe/berlin', 'timezone', 'Europe/Berlin'],
  ['timezone', 'Asia/Kolkata', 'timezone', 'Asia/Kolkata'],
  ['timezone', 'US/Eastern', 'timezone', 'US/Eastern'],
  ['timezone', '+05:45', 'timezone', '+05:45'],
  ['timezone', '-12:00', 'timezone', '-12:00'],
  ['timezone', 'z', 'timezone', 'UTC'],
  ['timezone', 'utc', 'timezone', 'UTC'],
  ['columns', 'a,b', 'columns', '["a,b"]'],
  ['columns', ['a', 'b"'], 'columns', '["a","b\\""]'],
];

describe('values that fit', () => {
  test.each(FITTING)('--%s %j', (flag, given, name, expected) => {
    expect(bindParameters(QUERY, { [flag]: given })).toEqual({ ...DEFAULTS, [name]: expected });
  });
});

describe('values that do not', () => {
  test.each([
    ['window', '1.5', '--window "1.5" is not a whole number from 0 to 100'],
    ['window', '101', '--window "101" is not a whole number from 0 to 100'],
    ['window', '-1', '--window "-1" is not a whole number from 0 to 100'],
    ['window', '', '--window "" is not a whole number from 0 to 100'],
    ['window', '99999999999999999999', 'is not a whole number'],
    ['window', ['1', '2'], '--window takes one value'],
    ['window', true, '--window "true" is not a whole number'],
    ['sigma', 'NaN', '--sigma "NaN" is not a number, 0 or more'],
    ['sigma', 'Infinity', 'is not a number'],
    ['sigma', '0x10', 'is not a number'],
    ['sigma', '-0.1', 'is not a number, 0 or more'],
    ['fill-gaps', 'maybe', '--fill-gaps "maybe" is not yes or no'],
    ['every', 'hours', '--every "hours" is not one of minute, hour'],
    ['timezone', 'Europe/Berln', 'is not a time zone'],
    ['timezone', '+25:00', 'is not a time zone'],
    ['timezone', '+2', 'is not a time zone'],
    ['timezone', "UTC'", 'is not a time zone'],
    ['timezone', '', 'is not a time zone'],
    ['sgma', '1', 'The question q has no parameter --sgma'],
  ])('--%s %j', (flag, given, message) => {
    expect(() => bindParameters(QUERY, { [flag]: given })).toThrow(
      expect.objectContaining({ name: 'UserError', exitCode: 'usage', message: expect.stringContaining(message) }),
    );
  });

  test.each([
    ['every', 'hours', 'Did you mean hour?'],
    ['timezone', 'Europe/Berln', 'Did you mean Europe/Berlin?'],
    ['sgma', '1', 'Did you mean --sigma?'],
  ])('--%s %s: %s', (flag, given, wayOut) => {
    expect(() => bindParameters(QUERY, { [flag]: given })).toThrow(
      expect.objectContaining({ wayOut: expect.arrayContaining([wayOut]) }),
    );
  });

  test('one that is needed is missing', () => {
    const query = queryWith([{ name: 'bucket', type: 'text', required: true, description: 'which bucket' }]);
    expect(() => bindParameters(query, {})).toThrow(
      expect.objectContaining({ message: 'The question q needs --bucket', wayOut: ['--bucket: which bucket'] }),
    );
    expect(bindParameters(query, { bucket: 'b' })).toEqual({ bucket: 'b' });
  });
});
