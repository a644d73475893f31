import { closestName } from '../closest-name.js';
import { UserError } from '../errors.js';

const TESTS = {
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '=': (value: number, limit: number) => value === limit,
  '!=': (value: number, limit: number) => value !== limit,
} as const;

/** A figure held against a number: `errors > 0`, `calls change > 50%`. */
export interface Condition {
  readonly figure: string;
  /** `value`; `change`: the difference to the period before; `percent`: the same in percent of it. */
  readonly of: 'value' | 'change' | 'percent';
  readonly test: keyof typeof TESTS;
  readonly limit: number;
  /** As it is shown: `calls change > 50%`. */
  readonly text: string;
}

/** A figure with what it was in the period before; null where nothing is known. */
export interface ComparedNumber {
  readonly value: number | null;
  readonly before: number | null;
}

const FORM = /^([a-z][a-z0-9_]*)(\s+change)?\s*(>=|<=|!=|==|=|>|<)\s*([+-]?\d+(?:\.\d+)?)\s*(%)?$/i;

/**
 * Reads `FIGURE [change] OPERATOR NUMBER[%]`; a percentage needs `change`.
 * @param names the figures that there are
 * @throws UserError for another form, or a figure that there is not
 */
export function parseCondition(text: string, names: readonly string[]): Condition {
  const [, figure = '', change, sign = '', number = '', percent] = FORM.exec(text.trim()) ?? [];
  const test = sign === '==' ? '=' : sign;
  const isPercent = percent !== undefined;
  if (!isTest(test) || (isPercent && change === undefined)) throw badForm(text, isPercent);
  if (!names.includes(figure)) throw unknownFigure(figure, names);
  const of = isPercent ? 'percent' : change === undefined ? 'value' : 'change';
  const shown = `${figure}${change === undefined ? '' : ' change'} ${test} ${number}${isPercent ? '%' : ''}`;
  return { figure, of, test, limit: Number(number), text: shown };
}

function isTest(text: string): text is keyof typeof TESTS {
  return Object.hasOwn(TESTS, text);
}

function badForm(text: string, isPercent: boolean): UserError {
  return new UserError(`Cannot read the condition ${JSON.stringify(text)}`, {
    wayOut: [
      ...(isPercent ? ['A percentage is of a change: calls change > 50%.'] : []),
      'Write a figure, an operator (> >= < <= = !=) and a number: "errors > 0", "calls change > 50%".',
    ],
  });
}

function unknownFigure(figure: string, names: readonly string[]): UserError {
  const meant = closestName(figure, names);
  const all = names.length === 0 ? 'This report has no figures.' : `Its figures are: ${names.join(', ')}.`;
  return new UserError(`The report has no figure called ${figure}`, {
    wayOut: [...(meant === undefined ? [] : [`Did you mean ${meant}?`]), all],
  });
}

/** Whether the condition holds; undefined where a number that it needs is not known. */
export function holds({ of, test, limit }: Condition, { value, before }: ComparedNumber): boolean | undefined {
  if (value === null) return undefined;
  if (of === 'value') return TESTS[test](value, limit);
  if (before === null) return undefined;
  return TESTS[test](of === 'change' ? value - before : percentOf(value, before), limit);
}

/** The change in percent of what was before; from nothing to something is without bounds. */
export function percentOf(value: number, before: number): number {
  if (value === before) return 0;
  return before === 0 ? Math.sign(value) * Infinity : ((value - before) / Math.abs(before)) * 100;
}
