import { NONE, type Expectation } from './expectation.js';
import { parseExpectation, parsePatterns } from './parse-expectation.js';

/** The sorts of expectations, as flags and files call them. */
export const SORTS = ['expect', 'allow', 'deny', 'max-calls', 'no-errors'] as const;
export type Sort = (typeof SORTS)[number];

/** Makes an expectation with the name that it has where nobody gives it another. Errors have their place in `text`. */
type Maker = (text: string) => Expectation;

const MAKERS: Readonly<Record<Sort, Maker>> = {
  expect: (text) => {
    const { pattern, bound } = parseExpectation(text);
    return { name: text.trim(), counted: { kind: 'matching', patterns: [pattern] }, bound };
  },
  allow: (text) => ({
    name: `nothing but ${text.trim()}`,
    counted: { kind: 'others', patterns: parsePatterns(text) },
    bound: NONE,
  }),
  deny: (text) => ({
    name: `no ${text.trim()}`,
    counted: { kind: 'matching', patterns: parsePatterns(text) },
    bound: NONE,
  }),
  'max-calls': (text) => ({
    name: `at most ${text} ${text === '1' ? 'call' : 'calls'}`,
    counted: { kind: 'all' },
    bound: { operator: '<=', calls: Number(text) },
  }),
  'no-errors': () => ({ name: 'no call fails', counted: { kind: 'failed' }, bound: NONE }),
};

/**
 * An expectation from what a flag or a file says of it; `text` is a whole number for `max-calls`, and nothing for `no-errors`.
 * @throws ExpectationError with the place in `text` of what cannot be read
 */
export function makeExpectation(sort: Sort, text: string): Expectation {
  return MAKERS[sort](text);
}
