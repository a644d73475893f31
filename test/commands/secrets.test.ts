import { describe, expect, test } from 'vitest';
import { awsusage, type Ended, newFolder } from './run-awsusage.js';
import { SEED, seedLogs } from './seeded-secrets.js';

const { files, inCalls, elsewhere, harmless } = seedLogs();
const SOURCE = newFolder(files);
const PARTIAL = [SOURCE, '--allow-partial'];
const FORMATS = ['table', 'json', 'ndjson', 'csv', 'markdown'] as const;
const QUESTIONS = [
  'anomalies',
  'calls-over-time',
  'denormalize',
  'errors',
  'first-seen',
  'latency',
  'metering',
  'principals',
  'regions',
  's3-buckets',
  'services',
  'sessions-per-day',
  'top-operations',
  'user-agents',
] as const;

/** What needs rows of one kind. */
const ROW_FORMATS = ['json', 'ndjson', 'csv'] as const;

/** The questions that show most of what callers wrote are asked in every format. */
const WITH_TEXT: readonly string[] = ['denormalize', 'errors'];

/** Secret fields by path, wherever one of the seeded calls has it. */
const COLUMNS = [
  [
    'request',
    'SecretString,SecretBinary,password,Password,Login.password,Users[0].password,Users[1].password[0],password.hash,' +
      'Headers.Authorization,["x-amz-server-side-encryption-customer-key"],SSECustomerKey,Source,Body,secretString,' +
      'loginProfile.password,url,uri,referrer,X-Amz-Signature,headers',
  ],
  ['response', 'Credentials.SecretAccessKey,Credentials,credentials.sessionToken,SecretString,Url,credentials[1]'],
] as const;

const RAW = ['api_call', 'cloudtrail', 'apigateway', 's3_access', 'web_log', 'app_event', 'api_call_event'];
const ALL_RAW = RAW.map((name) => `select to_json(r) as record from raw_${name} r`).join(' union all ');

function expectNoSecret({ stdout, stderr }: Ended): void {
  expect(findSecrets(stdout)).toEqual([]);
  expect(findSecrets(stderr)).toEqual([]);
}

function findSecrets(text: string): readonly string[] {
  return text.match(new RegExp(`.{0,40}${SEED}.{0,20}`, 'g')) ?? [];
}

test('there are sixty and more, none twice', () => {
  expect(new Set([...inCalls, ...elsewhere]).size).toBe(inCalls.length + elsewhere.length);
  expect(inCalls.length + elsewhere.length).toBeGreaterThanOrEqual(60);
});

/** Whether redaction was seen at work, also where Markdown escapes its mark. */
const MARK = /\\?\*\\?\*\\?\*/;

describe('no seeded secret is printed', () => {
  test('by all questions together', async () => {
    const outputs = [['-o', 'table'], ['-o', 'markdown'], ['--json']];
    const ends = await Promise.all(
      outputs.map((output) => awsusage(['query', QUESTIONS.join(','), ...PARTIAL, '--limit', '0', ...output])),
    );
    for (const end of ends) {
      expect(end.code).toBe(0);
      expect(end.stdout).toMatch(MARK);
      expectNoSecret(end);
    }
  });

  test('by each question alone', async () => {
    const runs = QUESTIONS.flatMap((question, index) => {
      const outputs = WITH_TEXT.includes(question) ? ROW_FORMATS : [ROW_FORMATS[index % ROW_FORMATS.length]!];
      return outputs.map((output) => ['query', question, ...PARTIAL, '--limit', '0', '-o', output]);
    });
    const ends = await Promise.all(runs.map((args) => awsusage(args)));
    for (const end of ends) {
      expect(end.code).toBe(0);
      expect(end.stdout).not.toBe('');
      expectNoSecret(end);
    }
  });

  test('by denormalize with named fields, in any format', async () => {
    const [[from, columns], response] = COLUMNS;
    const runs = [...FORMATS.map((output) => [output, from, columns] as const), ['csv', ...response] as const];
    const ends = await Promise.all(
      runs.map(([output, side, fields]) =>
        awsusage(['query', 'denormalize', ...PARTIAL, '--from', side, '--columns', fields, '-o', output]),
      ),
    );
    for (const end of ends) {
      expect(end.code).toBe(0);
      expect(end.stdout).toMatch(MARK);
      expectNoSecret(end);
    }
  });

  test.each(FORMATS)('by sql over calls and raw records, as %s', async (output) => {
    const sql = `select to_json(a) as record from api_calls a union all ${ALL_RAW}`;
    const end = await awsusage(['sql', sql, ...PARTIAL, '-o', output]);
    expect(end.code).toBe(0);
    expect(end.stdout).toMatch(MARK);
    expectNoSecret(end);
  });

  test('by sql that takes values apart or goes around the views', async () => {
    const apart = [
      `select request as text from aws_api_calls where request like '%${SEED}%'`,
      `select unnest(string_split(request, '"')) from api_calls`,
      'select substr(response, 10) from api_calls',
      'select string_agg(error_message || user_agent) from api_calls',
    ];
    const around = ['api_call', 'cloudtrail', 's3_access'].map(
      (name) => `select to_json(t) from raw_records_${name} t`,
    );
    const statements = [
      apart.join(' union all '),
      around.join(' union all '),
      "select * from query_table('raw_records_api_call') -- raw",
      'select * from loaded_calls -- raw',
    ];
    for (const end of await Promise.all(statements.map((sql) => awsusage(['sql', sql, ...PARTIAL])))) {
      expectNoSecret(end);
    }
  });

  test('by inspect, --print-sql and --dry-run', async () => {
    const commands = [
      ...[[], ['--json'], ['-o', 'markdown']].map((output) => ['inspect', ...PARTIAL, ...output]),
      ['query', 'denormalize', '--print-sql', '--columns', 'password'],
      ...[[], ['--json']].map((output) => ['query', 'services', SOURCE, '--dry-run', ...output]),
    ];
    for (const end of await Promise.all(commands.map((args) => awsusage(args)))) expectNoSecret(end);
  });

  const QUOTING = [
    ['query', 'services', ...PARTIAL, '--where', 'cast(request as integer) = 1'],
    ['query', 'services', ...PARTIAL, '--where', "error(concat_ws(' ', request, response, error_message, user_agent))"],
    ['sql', 'select cast(response as double) from api_calls', ...PARTIAL],
    ['sql', 'select error(to_json(r)) from raw_api_call r', ...PARTIAL],
    ['sql', 'select cast(extra as integer) from raw_cloudtrail', ...PARTIAL],
    ['sql', "select cast(request as struct(a integer)) from api_calls where request like '{%'", ...PARTIAL],
  ];

  test('by errors that quote data', async () => {
    const ends = await Promise.all(QUOTING.map((args) => awsusage([...args, '--json'])));
    for (const end of ends) {
      expect(end.code).toBe(2);
      expectNoSecret(end);
    }
  });

  test('by traces for finding mistakes', async () => {
    const env = { DEBUG: '*', AWSUSAGE_DEBUG: '1', CLI_FLAGS_DEBUG: '1', NODE_DEBUG: 'cli' };
    const commands = [...QUOTING.slice(1, 3), ['query', 'errors', ...PARTIAL]];
    for (const end of await Promise.all(commands.map((args) => awsusage(args, { env })))) expectNoSecret(end);
  });
});

describe('what is no secret stays', () => {
  test('key ids, secret ids and tokens for paging', async () => {
    const end = await awsusage(['sql', 'select request, response from api_calls', ...PARTIAL, '-o', 'ndjson']);
    for (const value of harmless) expect(end.stdout).toContain(value);
    const fields = 'SecretId,NextToken,ClientRequestToken';
    const own = await awsusage(['query', 'denormalize', ...PARTIAL, '--columns', fields, '-o', 'csv']);
    for (const value of harmless.slice(1)) expect(own.stdout).toContain(value);
  });
});

describe('--show-secrets shows all of them', () => {
  test('by sql', async () => {
    const show = (sql: string) => awsusage(['sql', sql, ...PARTIAL, '--show-secrets', '-o', 'ndjson']);
    const [calls, raw] = await Promise.all([show('select * from api_calls'), show(ALL_RAW)]);
    for (const secret of inCalls) expect(calls?.stdout).toContain(secret);
    const kept = elsewhere.slice(0, -BROKEN);
    for (const secret of [...inCalls, ...kept]) expect(raw?.stdout).toContain(secret);
  });

  test('by denormalize', async () => {
    const show = (from: string) =>
      awsusage([
        'query',
        'denormalize',
        ...PARTIAL,
        '--show-secrets',
        '--from',
        from,
        '--max-columns',
        '500',
        '-o',
        'csv',
      ]);
    const ends = await Promise.all([show('request'), show('response')]);
    const shown = ends.map(({ stdout }) => stdout).join('');
    // The requests and responses that are no JSON objects have no fields.
    const missing = inCalls.filter((secret) => !shown.includes(secret));
    expect(missing).toHaveLength(NO_OBJECTS);
  });
});

/** The last secrets elsewhere are those of records that are put aside. */
const BROKEN = 4;
/** A form, an XML document, and a request that was cut off. */
const NO_OBJECTS = 3;
