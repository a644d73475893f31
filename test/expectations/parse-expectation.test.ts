import { describe, expect, test } from 'vitest';
import { ExpectationError } from '../../src/expectations/expectation-error.js';
import { parseExpectation, parsePatterns } from '../../src/expectations/parse-expectation.js';

const request = (path: readonly string[], operator: string, value: string) => ({ field: { path }, operator, value });

describe('an expectation', () => {
  test.each([
    ['s3:PutObject', 's3', 'PutObject', [], '>=', 1],
    [' *  = 0 ', '*', '*', [], '=', 0],
    ['s3:Get* >=2', 's3', 'Get*', [], '>=', 2],
    ['s3:PutObject Bucket=my-bucket >= 1', 's3', 'PutObject', [request(['Bucket'], '=', 'my-bucket')], '>=', 1],
    ['s3:* Key=a=b>c', 's3', '*', [request(['Key'], '=', 'a=b>c')], '>=', 1],
    [
      'a:b x!=1 y!~2 z~3 != 4',
      'a',
      'b',
      [request(['x'], '!=', '1'), request(['y'], '!~', '2'), request(['z'], '~', '3')],
      '!=',
      4,
    ],
    ['a:b Items[0].Name="two \\"words\\""', 'a', 'b', [request(['Items', '0', 'Name'], '=', 'two "words"')], '>=', 1],
    [`a:b k='it''`.slice(0, -1), 'a', 'b', [request(['k'], '=', 'it')], '>=', 1],
    ['a:b $.k.l="" == 3', 'a', 'b', [request(['k', 'l'], '=', '')], '==', 3],
    ['a:b ["x.y = z"]=1', 'a', 'b', [request(['x.y = z'], '=', '1')], '>=', 1],
    ['a:b k=1,2', 'a', 'b', [request(['k'], '=', '1,2')], '>=', 1],
    [
      '"execute-api:GET /users" @status-code=500',
      'execute-api',
      'GET /users',
      [{ field: { column: 'status_code' }, operator: '=', value: '500' }],
      '>=',
      1,
    ],
  ])('%s', (text, service, operation, conditions, operator, calls) => {
    expect(parseExpectation(text)).toEqual({
      pattern: { service, operation, conditions },
      bound: { operator, calls },
    });
  });

  test.each([
    ['', 0, 'expected calls such as s3:PutObject'],
    ['s3', 0, 'expected SERVICE:OPERATION, such as s3:*'],
    ['s3:', 0, 'expected SERVICE:OPERATION'],
    [':x', 0, 'expected SERVICE:OPERATION'],
    ['s3:Put Bucket', 13, 'expected one of != !~ = ~ right behind Bucket'],
    ['s3:Put Bucket = x', 13, 'expected one of != !~ = ~ right behind Bucket'],
    ['s3:Put Bucket= x', 14, 'expected a value right behind ='],
    ['s3:Put Bucket=', 14, 'expected a value right behind ='],
    ['s3:Put Bucket="x', 14, 'has no end'],
    ['s3:Put "Bucket"=x', 7, 'expected a field of the request'],
    ['s3:Put @bukket=x', 7, 'there is no @bukket'],
    ['s3:Put @regoin=x', 7, 'did you mean @region?'],
    ['s3:Put a..b=x', 7, 'JSON path'],
    ['s3:Put >= many', 10, 'expected a number of calls behind >='],
    ['s3:Put >= 99999999999999999999', 10, 'expected a number of calls'],
    ['s3:Put >= 1 Bucket=x', 12, 'expected nothing more, and there is "Bucket=x"'],
    ['s3:Put >= 1.5', 11, 'expected nothing more'],
    ['s3:Put,s3:Get', 0, ''],
  ])('%j cannot be read at %i', (text, offset, problem) => {
    if (problem === '') return expect(parseExpectation(text).pattern.operation).toBe('Put,s3:Get');
    const error = errorOf(() => parseExpectation(text));
    expect(error.message).toContain(problem);
    expect(error.offset).toBe(offset);
  });
});

describe('patterns', () => {
  test('have commas between them, and conditions of their own', () => {
    expect(parsePatterns('s3:GetObject, dynamodb:* TableName=orders,a:b k="1,2"')).toEqual([
      { service: 's3', operation: 'GetObject', conditions: [] },
      { service: 'dynamodb', operation: '*', conditions: [request(['TableName'], '=', 'orders')] },
      { service: 'a', operation: 'b', conditions: [request(['k'], '=', '1,2')] },
    ]);
  });

  test.each([
    ['s3:*,', 5],
    ['s3:* >= 1', 5],
    ['s3:*,iam', 5],
  ])('%j cannot be read at %i', (text, offset) => {
    expect(errorOf(() => parsePatterns(text)).offset).toBe(offset);
  });
});

function errorOf(act: () => unknown): ExpectationError {
  try {
    act();
  } catch (error) {
    if (error instanceof ExpectationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
