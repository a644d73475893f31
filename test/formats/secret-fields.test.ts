import { beforeAll, describe, expect, test } from 'vitest';
import type { DuckDBConnection } from '@duckdb/node-api';
import { mayHoldSecretSql, redactedSql } from '../../src/formats/secret-fields.js';
import { openDuckDb, valuesFor } from './duckdb-session.js';

const S = 's3cr3t-VALUE';
const j = JSON.stringify;

/** Text with the secret, and the text that is to come out; undefined where only the secret's absence counts. */
const EXACT: readonly (readonly [string, string])[] = [
  [j({ SecretString: S }), j({ SecretString: '***' })],
  [j({ secretString: S, a: 1 }), j({ secretString: '***', a: 1 })],
  [j({ secret_string: S }), j({ secret_string: '***' })],
  [j({ 'secret-string': S }), j({ 'secret-string': '***' })],
  [j({ SECRETSTRING: S }), j({ SECRETSTRING: '***' })],
  [j({ SecretBinary: S }), j({ SecretBinary: '***' })],
  [j({ secretBinary: S }), j({ secretBinary: '***' })],
  [j({ sessionToken: S }), j({ sessionToken: '***' })],
  [j({ SessionToken: S }), j({ SessionToken: '***' })],
  [j({ session_token: S }), j({ session_token: '***' })],
  [j({ 'session-token': S }), j({ 'session-token': '***' })],
  [j({ secretAccessKey: S }), j({ secretAccessKey: '***' })],
  [j({ SecretAccessKey: S }), j({ SecretAccessKey: '***' })],
  [j({ secret_access_key: S }), j({ secret_access_key: '***' })],
  [j({ SECRET_ACCESS_KEY: S }), j({ SECRET_ACCESS_KEY: '***' })],
  [j({ password: S }), j({ password: '***' })],
  [j({ Password: S }), j({ Password: '***' })],
  [j({ PASSWORD: S }), j({ PASSWORD: '***' })],
  [j({ pAsSwOrD: S }), j({ pAsSwOrD: '***' })],
  [j({ Authorization: `AWS4-HMAC-SHA256 Credential=AKIA, Signature=${S}` }), j({ Authorization: '***' })],
  [j({ authorization: `Bearer ${S}` }), j({ authorization: '***' })],
  [j({ 'X-Amz-Signature': S }), j({ 'X-Amz-Signature': '***' })],
  [j({ 'x-amz-signature': S }), j({ 'x-amz-signature': '***' })],
  [j({ XAmzSignature: S }), j({ XAmzSignature: '***' })],
  [j({ 'X-Amz-Security-Token': S }), j({ 'X-Amz-Security-Token': '***' })],
  [j({ 'x-amz-security-token': S }), j({ 'x-amz-security-token': '***' })],
  [j({ x_amz_security_token: S }), j({ x_amz_security_token: '***' })],
  [j({ 'x-amz-server-side-encryption-customer-key': S }), j({ 'x-amz-server-side-encryption-customer-key': '***' })],
  [j({ SSECustomerKey: S }), j({ SSECustomerKey: '***' })],
  [j({ sseCustomerKey: S }), j({ sseCustomerKey: '***' })],
  [j({ sse_customer_key: S }), j({ sse_customer_key: '***' })],
  [j({ CopySourceSSECustomerKey: S }), j({ CopySourceSSECustomerKey: '***' })],
  [
    j({ 'x-amz-copy-source-server-side-encryption-customer-key': S }),
    j({ 'x-amz-copy-source-server-side-encryption-customer-key': '***' }),
  ],
  // Values of every type, and strings with escapes.
  [j({ password: 12345.5, n: 1 }), j({ password: '***', n: 1 })],
  [j({ password: true }), j({ password: '***' })],
  [j({ password: `a"${S}\\` }), j({ password: '***' })],
  [j({ password: `\\"${S}`, b: 'x' }), j({ password: '***', b: 'x' })],
  [j({ password: `é\n${S}\u0001` }), j({ password: '***' })],
  [j({ password: [S, { a: S }], b: [1] }), j({ password: '***', b: [1] })],
  [j({ password: { value: S, deep: { x: [S, '}'] } }, b: 1 }), j({ password: '***', b: 1 })],
  [j({ SecretString: j({ username: 'u', token: S }), Name: 'n' }), j({ SecretString: '***', Name: 'n' })],
  [j({ password: '' }), j({ password: '***' })],
  [
    `{"n":1.10,"password":"${S}","big":123456789012345678901}`,
    '{"n":1.10,"password":"***","big":123456789012345678901}',
  ],
  [`{ "password" : "${S}" , "a" : 1 }`, '{ "password" : "***" , "a" : 1 }'],
  [`{\n  "password":\n    "${S}"\n}`, '{\n  "password":\n    "***"\n}'],
  [`{"password":"${S}","password":"${S}2"}`, '{"password":"***","password":"***"}'],
  // Depth, and several at once.
  [j({ a: { b: [{ c: { password: S } }] } }), j({ a: { b: [{ c: { password: '***' } }] } })],
  [
    j({ credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: S, sessionToken: S } }),
    j({ credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: '***', sessionToken: '***' } }),
  ],
  [j([{ password: S }, { password: S }]), j([{ password: '***' }, { password: '***' }])],
  // JSON text inside JSON strings.
  [j({ body: j({ password: S, a: 1 }) }), j({ body: j({ password: '***', a: 1 }) })],
  [j({ body: j({ password: `q"${S}\\n` }) }), j({ body: j({ password: '***' }) })],
  [j({ body: j({ password: [S, { x: S }] }) }), j({ body: j({ password: '***' }) })],
  [j({ body: JSON.stringify({ password: S }, null, 2) }), j({ body: JSON.stringify({ password: '***' }, null, 2) })],
  [j({ body: j({ body: j({ password: S, b: 2 }) }) }), j({ body: j({ body: j({ password: '***', b: 2 }) }) })],
  [j({ b: j({ b: j({ b: j({ password: S }) }) }) }), j({ b: j({ b: j({ b: j({ password: '***' }) }) }) })],
  [j(j({ password: S })), j(j({ password: '***' }))],
  [
    String.raw`{"body":"{\u0022password\u0022:\u0022${S}\u0022,\u0022a\u0022:1}"}`,
    String.raw`{"body":"{\u0022password\u0022:\u0022***\u0022,\u0022a\u0022:1}"}`,
  ],
  // Parameters, headers, elements and printed dictionaries inside text.
  [
    j({
      url: `https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAEXAMPLE%2F20230710&X-Amz-Signature=${S}&X-Amz-Date=1`,
    }),
    j({ url: 'https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAEXAMPLE%2F20230710&X-Amz-Signature=***&X-Amz-Date=1' }),
  ],
  [`GET /k?X-Amz-Security-Token=IQo%2B${S}%3D&a=b HTTP/1.1`, 'GET /k?X-Amz-Security-Token=***&a=b HTTP/1.1'],
  [
    String.raw`{"url":"https://h/k?X-Amz-Signature\u003d${S}\u0026a\u003db"}`,
    String.raw`{"url":"https://h/k?X-Amz-Signature\u003d***\u0026a\u003db"}`,
  ],
  [
    `https://h/?u=https%3A%2F%2Fx%3FX-Amz-Signature%3D${S}%26b%3Dc`,
    'https://h/?u=https%3A%2F%2Fx%3FX-Amz-Signature%3D***%26b%3Dc',
  ],
  [`/login?user=a&password=${S}&next=b`, '/login?user=a&password=***&next=b'],
  [`Action=PutSecretValue&SecretString=${S}&Version=1`, 'Action=PutSecretValue&SecretString=***&Version=1'],
  [`host=h;user=u;password=${S};port=1`, 'host=h;user=u;password=***;port=1'],
  [`bad header Authorization: Bearer ${S}`, 'bad header Authorization: ***'],
  [
    j({ m: `h:1\nauthorization:AWS4-HMAC-SHA256 Credential=A, Signature=${S}\nb:2` }),
    j({ m: 'h:1\nauthorization:***\nb:2' }),
  ],
  [j({ m: `host:h\nx-amz-security-token:${S}/+==\n\nhost` }), j({ m: 'host:h\nx-amz-security-token:***\n\nhost' })],
  [
    `<Credentials><SecretAccessKey>${S}</SecretAccessKey></Credentials>`,
    '<Credentials><SecretAccessKey>***</SecretAccessKey></Credentials>',
  ],
  [`Invalid value {'Name': 'n', 'Password': '${S}'}`, `Invalid value {'Name': 'n', 'Password': '***'}`],
  // Cut off by a limit on the length.
  [`{"a":1,"password":"${S}`, '{"a":1,"password":"***"'],
  // The name's letters written as escapes.
  [String.raw`{"pass\u0077ord":"${S}","a":1}`, '{"password":"***","a":1}'],
  [String.raw`{"\u0053ecretString":"${S}"}`, '{"SecretString":"***"}'],
  [String.raw`{"body":"{\"pass\u0077ord\":\"${S}\"}"}`, j({ body: j({ password: '***' }) })],
];

const VOID: readonly string[] = [
  j({ password: [[[[[[[S]]]]]]] }),
  j({ b: j({ b: j({ b: j({ b: j({ password: S }) }) }) }) }),
  String.raw`{"body":"{\"pass\\u0077ord\":\"${S}\"}"}`,
  String.raw`{"pass\u0077ord":"${S}"`,
  `{"password":${S}}`,
  `{'Password': ['${S}']}`,
];

const UNTOUCHED: readonly string[] = [
  j({ secretId: 'arn:aws:secretsmanager:us-east-1:1:secret:x', SecretId: 'x' }),
  j({ nextToken: 'abc', NextToken: 'abc', next_token: 'abc' }),
  j({ clientRequestToken: 'abc', ClientRequestToken: 'abc' }),
  j({ accessKeyId: 'AKIAEXAMPLE', AccessKeyId: 'ASIAEXAMPLE', keyId: 'k', KeyId: 'k', SSEKMSKeyId: 'k' }),
  j({ secretName: 'n', SecretArn: 'a', secretVersionId: 'v' }),
  j({ passwordResetRequired: true, PasswordPolicy: { MinimumPasswordLength: 8 } }),
  j({ masterUserPassword: 'x', newPassword: 'y', oldPassword: 'z' }),
  j({ 'x-amz-server-side-encryption-customer-key-MD5': 'md5', SSECustomerKeyMD5: 'md5' }),
  j({ 'x-amz-server-side-encryption-customer-algorithm': 'AES256', SSECustomerAlgorithm: 'AES256' }),
  j({ CopySourceSSECustomerKeyMD5: 'md5', CopySourceSSECustomerAlgorithm: 'AES256' }),
  j({ authorizationToken: 'abc', authorizationType: 'NONE', authorizerId: 'x', ProxyAuthorization: 'x' }),
  j({ sessionTokenDuration: 900, tokenType: 'x', token: 'abc' }),
  j({ secret: 'abc', Secrets: ['a'], clientSecret: 'abc' }),
  j({ password: null, SecretBinary: null }),
  j({ parameterName: 'password', names: ['SecretString', 'sessionToken'] }),
  j({ required: ['username', 'password'], note: 'your password has expired' }),
  j({ note: 'the SecretString of the secret' }),
  j({ path: '/reset-password?step=2', file: 'password.txt' }),
  j({ url: 'https://h/k?X-Amz-Credential=AKIA%2F1&X-Amz-SignedHeaders=host%3Bx-amz-security-token&X-Amz-Date=1' }),
  j({ 'X-Amz-Credential': 'AKIAEXAMPLE/20230710', 'X-Amz-Date': '20230710T000000Z', 'X-Amz-Algorithm': 'A' }),
  j({ errorMessage: 'Missing Authentication Token' }),
  j({ nextPassword: 1, password2: 'x', xpassword: 'x', 'my-password': 'x' }),
  j({ actions: ['secretsmanager:GetSecretValue', 'sts:GetSessionToken'] }),
  j({ eventName: 'GetSessionToken', GetSessionToken: { a: 1 } }),
  j({ body: j({ nextToken: 'abc', secretId: 'x' }) }),
  String.raw`{"name":"caf\u00e9 \u0041bc","n":1.10}`,
  String.raw`{"pattern":"[\\u0041-\\u005A]*","n":1.10}`,
  String.raw`{"\u0061bc":"kept as written","n":1.10}`,
  String.raw`{"html":"\u003ca href=\u0022x\u0022\u003e\u0026amp;"}`,
  'GET /bucket/key?list-type=2&prefix=password/&continuation-token=abc HTTP/1.1',
  'User: arn:aws:iam::1:user/password is not authorized to perform: sts:GetSessionToken',
  'aws-sdk-java/1.12 Linux/5 password-manager/2.0',
  '<NextToken>abc</NextToken><PasswordPolicy>x</PasswordPolicy>',
  'plain text',
  '',
];

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openDuckDb();
});

describe('redactedSql', () => {
  test('replaces the values of the secret fields and nothing else', async () => {
    expect(EXACT.length + VOID.length).toBeGreaterThanOrEqual(60);
    const redacted = await valuesFor(
      connection,
      redactedSql('x'),
      EXACT.map(([text]) => text),
    );
    expect(redacted).toEqual(EXACT.map(([, expected]) => expected));
  });

  test('voids a text from which a secret cannot be cut out exactly', async () => {
    const redacted = await valuesFor(connection, redactedSql('x'), VOID);
    expect(redacted).toEqual(VOID.map(() => '"***"'));
  });

  test('gives texts without secrets back byte for byte', async () => {
    expect(UNTOUCHED.length).toBeGreaterThanOrEqual(30);
    expect(await valuesFor(connection, redactedSql('x'), [...UNTOUCHED, null])).toEqual([...UNTOUCHED, null]);
  });

  test('a redacted text comes back as it is', async () => {
    const once = EXACT.map(([, expected]) => expected);
    expect(await valuesFor(connection, redactedSql('x'), once)).toEqual(once);
  });
});

test('mayHoldSecretSql misses none of the secrets', async () => {
  const texts = [...EXACT.map(([text]) => text), ...VOID];
  expect(await valuesFor(connection, mayHoldSecretSql('x'), texts)).toEqual(texts.map(() => true));
  expect(
    await valuesFor(connection, mayHoldSecretSql('x'), [j({ Bucket: 'b', nextToken: 't', secretId: 's' })]),
  ).toEqual([false]);
});
