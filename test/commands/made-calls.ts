/** A record of the format `api-call`, as a line. */
export function apiCall(members: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    timestamp: '2026-10-01T06:00:00',
    session_id: 'f00dfeed-0000-4000-8000-000000000001',
    service: 's3',
    operation: 'GetObject',
    status_code: 200,
    user_agent: 'made/1.0',
    request: '{"Bucket":"b","Key":"k"}',
    response: null,
    err_type: null,
    err_msg: null,
    ...members,
  });
}

/** A CloudTrail record. */
export function cloudtrailRecord(members: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    eventVersion: '1.08',
    userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ana', accountId: '111122223333' },
    eventTime: '2026-10-01T07:00:00Z',
    eventSource: 'iam.amazonaws.com',
    eventName: 'ListUsers',
    awsRegion: 'eu-west-1',
    sourceIPAddress: '192.0.2.7',
    userAgent: 'made/1.0',
    requestParameters: null,
    responseElements: null,
    recipientAccountId: '111122223333',
    ...members,
  };
}
