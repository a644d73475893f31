import { expect, test } from 'vitest';
import { NeededMacros } from '../../src/engines/needed-macros.js';
import { SHARED_SQL_MACROS } from '../../src/engines/shared-sql-macros.js';

const namesOf = (statements: readonly string[]): string[] =>
  statements.map((statement) => /MACRO (\w+)/.exec(statement)?.[1] ?? statement);

test('a statement without shared functions needs none', () => {
  expect(new NeededMacros().take('SELECT count(*) FROM api_calls')).toEqual([]);
});

test('a function is found however it is written, and only once', () => {
  const macros = new NeededMacros();
  expect(namesOf(macros.take('SELECT Day_Of_Week(t), "dow"(t), main.date_diff(\'day\', a, b)'))).toEqual([
    'date_diff',
    'day_of_week',
    'dow',
  ]);
  expect(macros.take('SELECT day_of_week(t)')).toEqual([]);
  expect(namesOf(macros.take('SELECT day_of_week(t), toDate(t)'))).toEqual(['toDate']);
});

test('a part of a longer name is none', () => {
  expect(new NeededMacros().take('SELECT my_date_diff(a), date_diff_2, windows, shadow')).toEqual([]);
});

test('what a function is made of comes with it, in the order in which all are made', () => {
  const needed = namesOf(new NeededMacros().take(SHARED_SQL_MACROS.join(';\n')));
  expect(needed).toEqual(namesOf(SHARED_SQL_MACROS));
  for (const statement of SHARED_SQL_MACROS) {
    const own = new NeededMacros();
    const made = namesOf(own.take(statement));
    expect(made).toContain(namesOf([statement])[0]);
    for (const each of made)
      expect(own.take(SHARED_SQL_MACROS.find((one) => one.includes(`MACRO ${each}(`)) ?? '')).toEqual([]);
  }
});
