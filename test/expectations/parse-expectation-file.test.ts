import { describe, expect, test } from 'vitest';
import { parseExpectationFile } from '../../src/expectations/parse-expectation-file.js';
import { UserError } from '../../src/errors.js';

test('a file has names, reasons and all sorts of expectations', () => {
  const text = `
expectations:
  - name: stored
    reason: the next job reads it
    expect: 's3:PutObject Bucket=results >= 1'
  - allow: [s3:*, 'dynamodb:* TableName=orders']
  - deny: iam:*,sts:AssumeRole
  - max-calls: 100
  - no-errors: true
`;
  const found = parseExpectationFile(text, 'e.yml');
  expect(found.map(({ name, reason, bound, counted }) => [name, reason, bound, counted.kind])).toEqual([
    ['stored', 'the next job reads it', { operator: '>=', calls: 1 }, 'matching'],
    ['nothing but s3:*,dynamodb:* TableName=orders', undefined, { operator: '=', calls: 0 }, 'others'],
    ['no iam:*,sts:AssumeRole', undefined, { operator: '=', calls: 0 }, 'matching'],
    ['at most 100 calls', undefined, { operator: '<=', calls: 100 }, 'all'],
    ['no call fails', undefined, { operator: '=', calls: 0 }, 'failed'],
  ]);
  expect(found.map(({ counted }) => ('patterns' in counted ? counted.patterns.length : 0))).toEqual([1, 2, 2, 0, 0]);
});

test('a list alone, and JSON, are files too', () => {
  expect(parseExpectationFile('- no-errors: true', 'e.yml')).toHaveLength(1);
  expect(parseExpectationFile('{"version": 1, "expectations": [{"deny": ["iam:*"]}]}', 'e.json')).toHaveLength(1);
});

describe('what is wrong is told with its place', () => {
  test.each([
    ['', 1, 1, 'expected a list of expectations'],
    ['text', 1, 1, 'expected a list of expectations'],
    ['expectations: 7', 1, 15, 'expected a list of expectations'],
    ['expectations: []', 1, 15, 'there is no expectation in the list'],
    ['expectation: []', 1, 1, 'there is no "expectation" here'],
    ['- a\n- b', 1, 3, 'expected an expectation, with one of'],
    ['- name: x', 1, 3, 'expected one of expect, allow'],
    ['- name: x\n  denied: y', 2, 3, 'there is no "denied"'],
    ['- deny: a:b\n  allow: c:d', 2, 3, 'there is deny already'],
    ['- deny: a:b\n  deny: c:d', 2, 3, 'unique'],
    ['- max-calls: many', 1, 14, 'expected a whole number'],
    ['- max-calls: -1', 1, 14, 'expected a whole number'],
    ['- no-errors: false', 1, 14, 'expected true'],
    ['- name:\n  no-errors: true', 1, 8, 'expected a text for the name'],
    ['- expect: [a:b]', 1, 11, 'expected a text such as'],
    ['- deny: []', 1, 9, 'the list is empty'],
    ['- deny: [a:b, 7]', 1, 15, 'expected a text such as'],
    ['- deny: [a:b, {}]', 1, 15, 'expected a text such as'],
    ['- no-errors: true\n- expect: s3:Put Bucket', 2, 24, 'expected one of != !~ = ~'],
    ["- expect: 's3:Put Bucket'", 1, 25, 'expected one of != !~ = ~'],
    ['- expect: >\n    s3:Put\n    Bucket', 1, 11, 'expected one of != !~ = ~'],
    ['- &a\n  deny: x:y\n- *a', 3, 3, 'expected an expectation'],
    ['a: [', 1, 5, ''],
    ['- deny: "a', 1, 11, ''],
    ['- a: 1\n---\n- b: 2', 2, 1, 'multiple documents'],
  ])('%j', (text, line, column, problem) => {
    const error = errorOf(() => parseExpectationFile(text, 'e.yml'));
    expect(error.message).toMatch(/^Cannot use e\.yml: line \d+, column \d+: ./);
    expect(error.message).toContain(`line ${line}, column ${column}: `);
    expect(error.message).toContain(problem);
    expect(error.exitCode).toBe('usage');
  });

  test.each(['[', '{a: ', '- ', '? ', '  '.repeat(200)])('however deep it goes with %j', (opening) => {
    const error = errorOf(() => parseExpectationFile(`${opening.repeat(20_000)}x`, 'e.yml'));
    expect(error.message).toMatch(/^Cannot use e\.yml: line \d+, column \d+: it is nested too deeply/);
  });

  test('a long list is none that goes deep', () => {
    expect(parseExpectationFile('- deny: [a:b, "c:d k~[x-z]"]\n'.repeat(5000), 'e.yml')).toHaveLength(5000);
  });
});

function errorOf(act: () => unknown): UserError {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
