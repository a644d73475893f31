/** Call `i` as a LocalStack-style gateway records it, with what is given in place of its own fields. */
export function recordedCall(i: number, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const second = String(i % 60).padStart(2, '0');
  const minute = String(Math.floor(i / 60) % 60).padStart(2, '0');
  return {
    timestamp: `2026-03-01T06:${minute}:${second}`,
    session_id: `session-${i % 7}`,
    service: i % 3 === 0 ? 's3' : 'dynamodb',
    operation: `Good${i}`,
    region: 'eu-west-1',
    status_code: i % 11 === 0 ? 404 : 200,
    user_agent: 'aws-cli/2.31.4 "quoted" \\ é',
    request: JSON.stringify({ Bucket: `bucket-${i}`, Key: `a/b\n${i}` }),
    response: i % 2 === 0 ? null : 'null',
    err_type: i % 11 === 0 ? 'NoSuchKey' : null,
    ...fields,
  };
}

/** The first so many calls, one a line. */
export function callLines(count: number, fields: Readonly<Record<string, unknown>> = {}): string[] {
  return Array.from({ length: count }, (_, i) => JSON.stringify(recordedCall(i, fields)));
}
