import { type Ended } from './run-program.js';
import { numbersOf, type Question, QUESTIONS, sorted, type TestTable } from './test-table.js';

type Objects = Readonly<Record<string, number>>;

/** What is against the promise right now, with objects not yet merged: by the files, and by the answer to a question. */
export async function findViolations(table: TestTable, questions: readonly Question[]): Promise<readonly string[]> {
  const { violations } = await table.check();
  // Nothing is promised of a place that is no table yet.
  if (!table.isDescribed) return violations;
  const asked = await Promise.all(questions.map((question) => askedViolations(table, question)));
  return [...violations, ...asked.flat()];
}

/** Does one more run, which nothing disturbs, and says what is against the promise then. */
export async function settle(table: TestTable, questions: readonly Question[] = QUESTIONS): Promise<readonly string[]> {
  const end = await table.compact();
  const found = [...violationsOfRun(end, await table.changed()), ...(await findViolations(table, questions))];
  const { merged } = await table.check();
  const left = [...table.current.keys()].filter((key) => !merged.has(key));
  if (left.length > 0) found.push(`not merged by a run that nothing disturbed: ${left.join(', ')}`);
  return found;
}

function violationsOfRun(end: Ended, changed: readonly string[]): string[] {
  const expected = changed.length > 0 ? 3 : 0;
  if (end.code !== expected) return [`the run ended with ${end.code ?? end.signal}, not ${expected}: ${end.stderr}`];
  const outcome = JSON.parse(end.stdout) as { objects: Objects; changed: readonly string[] };
  const { listed = 0, ...parts } = outcome.objects;
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  const found = sum === listed ? [] : [`${listed} objects were listed, but ${sum} accounted for`];
  if (Object.values(parts).some((part) => part < 0)) found.push(`less than none: ${JSON.stringify(parts)}`);
  if ([...outcome.changed].sort().join() !== [...changed].sort().join())
    found.push(`${changed.join(', ')} changed, but the run names ${outcome.changed.join(', ')}`);
  return found;
}

async function askedViolations(table: TestTable, question: Question): Promise<readonly string[]> {
  const expected = sorted(await table.expected(question));
  const changed = question === 'source' ? [] : await table.changed();
  if (expected.length === 0) return [];
  const end = await table.ask(question);
  const code = changed.length > 0 ? 3 : 0;
  if (end.code !== code) return [`${question}: the answer ended with ${end.code}, not ${code}: ${end.stderr}`];
  const named = isChangeNamed(end.stderr, changed) ? [] : [`${question}: ${changed.join(', ')} changed: ${end.stderr}`];
  return [...named, ...compareNumbers(question, numbersOf(end), expected)];
}

/** The accounting counts all that changed and names one of them. */
function isChangeNamed(stderr: string, changed: readonly string[]): boolean {
  const [, count = '0', example] = /changed after it was merged;.* × (\d+) \(e\.g\. (.*)\)/.exec(stderr) ?? [];
  return Number(count) === changed.length && (example === undefined || changed.some((key) => example.endsWith(key)));
}

/** What is lost, doubled or made up. */
export function compareNumbers(
  what: string,
  numbers: readonly number[],
  expected: readonly number[],
): readonly string[] {
  const wanted = new Set(expected);
  const seen = new Set(numbers);
  const lost = expected.filter((number) => !seen.has(number));
  const foreign = numbers.filter((number) => !wanted.has(number));
  const twice = numbers.filter((number, index) => numbers.indexOf(number) !== index);
  const say = (list: readonly number[], how: string): string[] =>
    list.length === 0 ? [] : [`${what}: ${how}: records ${list.join(', ')}`];
  return [...say(lost, 'lost'), ...say(twice, 'twice'), ...say(foreign, 'not expected')];
}
