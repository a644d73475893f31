import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { holds, parseCondition, percentOf } from '../../src/reports/condition.js';

const NAMES = ['errors', 'calls', 'new_regions'];
const number = (value: number | null, before: number | null = null) => ({ value, before });

describe('parseCondition', () => {
  test.each([
    ['errors > 0', { figure: 'errors', of: 'value', test: '>', limit: 0, text: 'errors > 0' }],
    ['  new_regions>=2 ', { figure: 'new_regions', of: 'value', test: '>=', limit: 2, text: 'new_regions >= 2' }],
    ['calls == 1.5', { figure: 'calls', of: 'value', test: '=', limit: 1.5, text: 'calls = 1.5' }],
    ['calls change < -50 %', { figure: 'calls', of: 'percent', test: '<', limit: -50, text: 'calls change < -50%' }],
    ['calls change != 3', { figure: 'calls', of: 'change', test: '!=', limit: 3, text: 'calls change != 3' }],
  ])('%s', (text, condition) => expect(parseCondition(text, NAMES)).toEqual(condition));

  test.each([
    '',
    'errors',
    'errors >',
    '> 0',
    'errors > many',
    'errors > 5%',
    'errors > 0 and calls > 0',
    'errors <> 0',
  ])('%j is none', (text) => expect(() => parseCondition(text, NAMES)).toThrow(UserError));

  test('a name that there is not gets the one that was meant and the list', () => {
    const fault = (): unknown => parseCondition('erors > 0', NAMES);
    expect(fault).toThrow('The report has no figure called erors');
    try {
      fault();
    } catch (error) {
      expect((error as UserError).wayOut).toEqual([
        'Did you mean errors?',
        'Its figures are: errors, calls, new_regions.',
      ]);
    }
  });
});

test.each([
  ['calls > 5', number(6), true],
  ['calls > 5', number(5), false],
  ['calls >= 5', number(5), true],
  ['calls != 5', number(5), false],
  ['calls = 5', number(5), true],
  ['calls <= 4', number(5), false],
  ['calls < 0', number(null), undefined],
  ['calls change > 5', number(16, 10), true],
  ['calls change > 5', number(15, 10), false],
  ['calls change > 50%', number(15, 10), false],
  ['calls change > 49%', number(15, 10), true],
  ['calls change < -40%', number(5, 10), true],
  ['calls change > 1000%', number(1, 0), true],
  ['calls change > 0%', number(0, 0), false],
  ['calls change > 0', number(5, null), undefined],
])('%s over %j is %s', (text, compared, expected) => {
  expect(holds(parseCondition(text, NAMES), compared)).toBe(expected);
});

test('percentOf', () => {
  expect([percentOf(15, 10), percentOf(0, 10), percentOf(3, 3), percentOf(1, 0)]).toEqual([50, -100, 0, Infinity]);
});
