import { gzipSync } from 'node:zlib';
import { apiCall, cloudtrailRecord } from './made-calls.js';

/** What all seeded values begin with; nothing else holds it. */
export const SEED = 'sEeDeD';

export interface SeededLogs {
  /** File names and contents. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** The values that stand in requests and responses. */
  readonly inCalls: readonly string[];
  /** The values that stand anywhere else: in messages, names, user agents, or in raw records only. */
  readonly elsewhere: readonly string[];
  /** Values of fields that are called like a secret and are none. */
  readonly harmless: readonly string[];
}

const j = JSON.stringify;

/** Logs of all kinds with a secret in each place that a secret is known to turn up in. */
export function seedLogs(): SeededLogs {
  const inCalls: string[] = [];
  const elsewhere: string[] = [];
  const into = (list: string[]) => () => {
    const secret = `${SEED}${String(inCalls.length + elsewhere.length).padStart(2, '0')}xQ7vK2mW9`;
    list.push(secret);
    return secret;
  };
  const call = into(inCalls);
  const other = into(elsewhere);
  const files = {
    'calls/year=2026/a.json': seedApiCalls(call, other).join('\n'),
    'trail/b.json.gz': gzipSync(j({ Records: seedCloudtrail(call, other) })),
    'gateway/c.log': seedApigateway(other)
      .map((record) => j(record))
      .join('\n'),
    's3/2026-10-01-06-00-00-ABCDEF': seedS3Access(call, other).join('\n'),
    'web/d.json': j(seedWebLog(call)),
    'app/e.json': j(seedAppEvent(call, other)),
    'events/f.json': j(seedGatewayEvent(other)),
    'broken/g.json': seedBroken(other).join('\n'),
  };
  return { files, inCalls, elsewhere, harmless: HARMLESS };
}

type Seed = () => string;

const HARMLESS = ['AKIAHARMLESSKEYID', 'arn:harmless:secret-id', 'harmless-next-token', 'harmless-request-token'];

/** Every call has another operation, so that no question leaves one out. */
function seedApiCalls(call: Seed, other: Seed): string[] {
  const [keyId, secretId, nextToken, requestToken] = HARMLESS;
  const request = (value: unknown) => ({ request: typeof value === 'string' ? value : j(value) });
  const response = (value: unknown) => ({ response: typeof value === 'string' ? value : j(value) });
  const url = (secret: string) => `https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=${secret}&x=1`;
  const members: Record<string, unknown>[] = [
    request({ SecretString: call(), SecretId: secretId, ClientRequestToken: requestToken, NextToken: nextToken }),
    request({ SecretBinary: call() }),
    request({ SecretString: j({ username: 'u', password: call() }) }),
    request({ password: call(), Password: call() }),
    request({ Login: { User: 'u', password: call() } }),
    request({ Users: [{ password: call() }, { password: [call()] }] }),
    request({ password: { hash: call() } }),
    request({ Headers: { Authorization: `AWS4-HMAC-SHA256 Credential=${keyId}, Signature=${call()}` } }),
    request({ headers: { authorization: `Bearer ${call()}`, 'X-Amz-Security-Token': call() } }),
    request({ 'x-amz-server-side-encryption-customer-key': call(), SSECustomerAlgorithm: 'AES256' }),
    request({ SSECustomerKey: call(), CopySourceSSECustomerKey: call() }),
    request({ 'x-amz-copy-source-server-side-encryption-customer-key': call() }),
    request({ 'X-Amz-Signature': call(), 'X-Amz-Credential': `${keyId}/20261001` }),
    request({ Source: url(call()) }),
    request({ Body: j({ secretAccessKey: call() }) }),
    request({ Body: j({ inner: j({ sessionToken: call() }) }) }),
    request(`{"SecretString" : "${call()}" , "n" : 1.10}`),
    request(`{"pass\\u0077ord":"${call()}"}`),
    request(`{"password":"${call()}`),
    request(`Action=PutSecretValue&SecretString=${call()}&Version=1`),
    response({ Credentials: { AccessKeyId: keyId, SecretAccessKey: call(), SessionToken: call() } }),
    response({ SecretString: call(), SecretBinary: call() }),
    response({ credentials: [{ secretAccessKey: call() }, { session_token: call() }] }),
    response(`<Credentials><SecretAccessKey>${call()}</SecretAccessKey></Credentials>`),
    response({ Url: url(call()) }),
    { request: { SecretString: call() }, response: { Deep: { Token: { sessionToken: call() } } } },
    {
      err_type: 'SignatureDoesNotMatch',
      err_msg: `canonical request: x-amz-security-token:${other()}`,
      status_code: 403,
    },
    { err_type: 'Bad', err_msg: `GET ${url(other())} failed`, status_code: 400 },
    { user_agent: `curl/8 ${url(other())}` },
    { operation: `PUT /k?X-Amz-Signature=${other()}` },
    { password: other(), headers: { Authorization: other() } },
  ];
  return members.map((own, index) => apiCall({ operation: `Operation${index}`, session_id: `s${index}`, ...own }));
}

function seedCloudtrail(call: Seed, other: Seed): unknown[] {
  const members: Record<string, unknown>[] = [
    { requestParameters: { secretString: call(), secretId: HARMLESS[1], nextToken: HARMLESS[2] } },
    { requestParameters: { loginProfile: { password: call() } } },
    { requestParameters: { url: `https://b/k?X-Amz-Security-Token=${call()}&a=b` } },
    { requestParameters: { 'x-amz-server-side-encryption-customer-key': call() } },
    { responseElements: { credentials: { accessKeyId: HARMLESS[0], sessionToken: call(), secretAccessKey: call() } } },
    { responseElements: `{"SecretString":"${call()}"}` },
    { additionalEventData: { Authorization: other() } },
    { errorCode: 'Denied', errorMessage: `Authorization: Bearer ${other()}` },
    { userAgent: `https://b/k?X-Amz-Signature=${other()}` },
    { serviceEventDetails: { password: other() }, unheardOf: { sessionToken: other() }, Password: other() },
  ];
  return members.map((own, index) =>
    cloudtrailRecord({ eventID: `event-${index}`, eventName: `Event${index}`, ...own }),
  );
}

function seedApigateway(other: Seed): unknown[] {
  const record = { requestId: 'r', requestTime: '01/Oct/2026:06:00:00 +0000', httpMethod: 'GET', status: '200' };
  return [
    { ...record, resourcePath: `/login?password=${other()}&x=1`, user: 'ana' },
    { ...record, resourcePath: '/a', user: 'ana', userAgent: `x?X-Amz-Signature=${other()}` },
    { ...record, resourcePath: '/b', user: `https://h/?X-Amz-Security-Token=${other()}` },
    { ...record, resourcePath: '/c', errorMessage: `{"Authorization":"${other()}"}`, authorization: other() },
  ];
}

function seedS3Access(call: Seed, other: Seed): string[] {
  const line = (uri: string, referrer: string, agent: string) =>
    `79a5 bucket [01/Oct/2026:06:00:38 +0000] 192.0.2.3 arn:aws:iam::1:user/ana 3E57427F3 REST.GET.OBJECT key ` +
    `"GET ${uri} HTTP/1.1" 200 - 113 113 7 6 "${referrer}" "${agent}" -`;
  return [
    line(`/b/k?X-Amz-Signature=${call()}&X-Amz-Security-Token=${call()}`, '-', 'S3Console/0.4'),
    line('/b/k', `https://h/?password=${other()}`, 'S3Console/0.4'),
    line('/b/k', '-', `curl https://h/?X-Amz-Signature=${other()}`),
  ];
}

function seedWebLog(call: Seed): unknown {
  const common = { user_id: 'u', session_id: 'w', event: 'visit', timestamp: '2026-10-01T06:00:00Z', hostname: 'h' };
  return { ...common, uri: `/login?password=${call()}`, referrer: `https://h/?X-Amz-Signature=${call()}` };
}

function seedAppEvent(call: Seed, other: Seed): unknown {
  const event = { event_id: 'app-1', event_timestamp: '2026-10-01T06:00:00Z', event_type: 'signup', app_title: 'shop' };
  return { ...event, meta: { password: call() }, token_payload: { sessionToken: other() }, secret_access_key: other() };
}

function seedGatewayEvent(other: Seed): unknown {
  const payload = {
    service: 's3',
    operation: 'GetObject',
    status_code: 400,
    err_type: 'E',
    err_msg: `password=${other()}`,
  };
  return { name: 'aws_request', metadata: { session_id: 'm', client_time: '2026-10-01 06:00:00.000000' }, payload };
}

/** Records that are put aside: what is said of them must not quote them. */
function seedBroken(other: Seed): string[] {
  return [
    `{"service":"s3","operation":"X","request":"{}","password":"${other()}",}`,
    `{"sessionToken":"${other()}","nothing":"known"}`,
    `password=${other()}`,
    `{"SecretString":"${other()}`,
  ];
}
