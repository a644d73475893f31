import { expect, test } from 'vitest';
import { callKindsQuestion, readCallKind } from '../../src/calls/call-kinds-query.js';
import { openEngine } from '../queries/duckdb-engine.js';

test.each([
  ['s3', '{"Bucket":"b","Key":"a/k"}', 'b/a/k'],
  ['s3', '{"bucketName":"b","Host":"b.s3.amazonaws.com"}', 'b'],
  ['s3', '{"bucket":"b","key":"k","uri":"/k"}', 'b/k'],
  ['s3', '{"Key":"k"}', 'k'],
  ['dynamodb', '{"TableName":"t","Key":{"id":{"S":"1"}}}', 't'],
  ['lambda', '{"functionName":"f"}', 'f'],
  ['rds', '{"dBInstanceIdentifier":"d"}', 'd'],
  ['iam', '{"roleName":"r","policyArn":"p"}', 'r'],
  ['secretsmanager', '{"secretId":"HIDDEN_DUE_TO_SECURITY_REASONS","name":"n"}', 'n'],
  ['ecs', '{"cluster":"c","service":"s"}', 'c/s'],
  ['web', '{"Bucket":"b"}', null],
  ['s3', '{"Bucket":""}', null],
  ['s3', '"text"', null],
  ['s3', 'no json', null],
  ['s3', null, null],
])('a call of %s with %s is about %s', async (service, request, resource) => {
  const engine = await openEngine([{ service, request }]);
  try {
    const asked = { by: ['resource'], rules: [], isMeasured: true } as const;
    const { query, parameters } = callKindsQuestion(asked);
    const rows = await engine.rows(query.sql, parameters);
    expect(rows.map((row) => readCallKind(row, asked).values)).toEqual([[resource]]);
  } finally {
    engine.close();
  }
});
