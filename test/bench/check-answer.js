import { isDeepStrictEqual } from 'node:util';
import { ProgramFailed } from './measure.js';

/** @throws ProgramFailed where a program's answer is not the expected one */
export function checkAnswer(got, expected, who) {
  if (isDeepStrictEqual(got, expected)) return;
  throw new ProgramFailed(`${who} gave another answer than expected:\n${preview(got)}\n${preview(expected)}`);
}

function preview(value) {
  return JSON.stringify(value)?.slice(0, 400);
}
