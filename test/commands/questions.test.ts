import { describe, expect, test } from 'vitest';
import { firstValue, jsonOf, type JsonAccounting, type JsonAnswer } from './answer.js';
import { apiCall } from './made-calls.js';
import { awsusage, BUCKET, newFolder } from './run-awsusage.js';

const COUNT = 'select count(*) from api_calls';

/** Calls of which every filter keeps another number. */
const CALLS = [
  apiCall({ timestamp: '2026-10-01T23:30:00', service: 's3', operation: 'GetObject', region: 'eu-west-1' }),
  apiCall({ timestamp: '2026-10-02T00:00:00', service: 's3', operation: 'PutObject', region: 'us-east-1' }),
  apiCall({ timestamp: '2026-10-02T12:00:00', service: 'sqs', operation: 'SendMessage', account_id: '111122223333' }),
  apiCall({ timestamp: '2026-10-03T00:00:00', service: 'sts', operation: 'GetCallerIdentity', status_code: 403 }),
  apiCall({ timestamp: '2026-10-04T00:00:00', service: 'kms', operation: 'Sign', status_code: 400, err_type: 'X' }),
];
const SOURCE = newFolder({ 'calls.json': CALLS.join('\n') });

describe.concurrent('several questions', () => {
  test('are answered from one reading, and each as when asked alone', async () => {
    const names = ['sessions-per-day', 'top-operations', 'errors'];
    const [together, ...alone] = await Promise.all(
      [names.join(','), ...names].map((name) => awsusage(['query', name, BUCKET, '--json'])),
    );
    const all = jsonOf<{ queries: Omit<JsonAnswer, 'accounting'>[]; accounting: JsonAccounting }>(together!);
    expect(Object.keys(all)).toEqual(['version', 'queries', 'accounting']);
    const each = alone.map((end) => jsonOf(end));
    expect(all.queries).toEqual(each.map(({ query, columns, rows }) => ({ query, columns, rows })));
    expect(all.accounting).toEqual(each[0]?.accounting);
    expect(all.accounting.objects.read).toBe(21);
  });

  test('stand under their names in a table and in Markdown', async () => {
    const table = await awsusage(['query', 'services,regions', SOURCE]);
    expect(table.stdout).toMatch(/^services\n┌[^]*┘\n\nregions\n┌[^]*┘\n$/);
    const markdown = await awsusage(['query', 'services, regions', SOURCE, '-o', 'markdown']);
    expect(markdown.stdout).toMatch(
      /^## `?services`?\n\n\| service [^]*\n\n## `?regions`?\n\n\| account\\_id [^]*\|\n$/,
    );
  });

  test('are refused where rows have to be alike, before anything is read', async () => {
    for (const output of ['csv', 'ndjson', 'json']) {
      const end = await awsusage(['query', 'services,regions', SOURCE, '--output', output]);
      expect(end).toMatchObject({ code: 2, stdout: '' });
      expect(end.stderr).toContain(`Cannot print 2 answers as ${output}`);
      expect(end.stderr).toContain('--json');
    }
  });

  test('say which of them was cut', async () => {
    const { stderr } = await awsusage(['query', 'services,regions', SOURCE, '--limit', '1']);
    expect(stderr).toContain('services: 1 of 4 rows; --limit 0 shows all\n');
    expect(stderr).toContain('regions: 1 of 4 rows; --limit 0 shows all\n');
  });
});

describe.concurrent('a question of the user', () => {
  const SQL = `-- summary: calls of an operation
-- parameter: named
--   type: text
--   description: the operation
-- parameter: at-least
--   type: integer
--   default: 1
--   description: how many
-- column: service text: service
-- column: n integer: calls
SELECT \`service\`, count(*) AS n FROM api_calls WHERE operation = $named GROUP BY service HAVING count(*) >= $at_least`;
  const folder = newFolder({
    'own.sql': SQL,
    'a,b.sql': 'SELECT 1 AS one',
    'taken.sql': '-- summary: s\n-- parameter: service\n--   type: text\n--   description: d\nSELECT $service AS x',
    'two.sql': 'SELECT 1; SELECT 2',
    'write.sql': 'DROP TABLE loaded_calls',
    'broken.sql': 'SELECT\n  FROM WHERE',
    'column.sql': 'SELECT nope FROM api_calls',
    'calls.json': CALLS.join('\n'),
  });
  const ask = (...args: string[]) => awsusage(['query', ...args], { cwd: folder });

  test('takes its parameters as flags, before and after its name', async () => {
    const after = await ask('./own.sql', 'calls.json', '--named', 'PutObject', '-o', 'ndjson', '-q');
    const before = await ask('--named', 'PutObject', '-o', 'ndjson', '-q', 'own.sql', 'calls.json');
    expect(after).toMatchObject({ code: 0, stdout: '{"service":"s3","n":1}\n', stderr: '' });
    expect(before).toEqual(after);
    const fewer = await ask('own.sql', 'calls.json', '--named=PutObject', '--at-least', '2', '-o', 'ndjson', '-q');
    expect(fewer.stdout).toBe('');
  });

  test('is one of several, and may have a comma in its name', async () => {
    const end = await ask('services,./own.sql', 'calls.json', '--named', 'Sign', '--json');
    expect(jsonOf<{ queries: JsonAnswer[] }>(end).queries.map(({ query }) => query)).toEqual(['services', 'own']);
    expect((await ask('./a,b.sql', 'calls.json', '-o', 'ndjson', '-q')).stdout).toBe('{"one":1}\n');
  });

  test.each<[string, string[], RegExp[]]>([
    ['a parameter called like a shared flag', ['taken.sql'], [/the parameter "service" cannot be given/, /--service/]],
    ['two statements', ['two.sql'], [/two\.sql holds 2 statements/]],
    ['no SELECT', ['write.sql'], [/write\.sql is not a SELECT/]],
    ['a mistake', ['broken.sql'], [/broken\.sql cannot be parsed \(line 2, column/]],
    [
      'an unknown column',
      ['column.sql'],
      [/column\.sql cannot be answered/, /nope/, /columns: timestamp, .*object_key/],
    ],
    ['a file that is not there', ['./nope.sql'], [/Cannot read the question \.\/nope\.sql: there is no such file/]],
    ['a value that does not fit', ['own.sql', '--at-least', 'many'], [/--at-least "many" is not a whole number/]],
  ])('%s is exit 2 with the reason', async (_name, args, patterns) => {
    const end = await ask(...args, 'calls.json');
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    for (const pattern of patterns) expect(end.stderr).toMatch(pattern);
  });
});

describe.concurrent('filters and the window', () => {
  test.each<[string, string[], number]>([
    ['--since is inclusive, --until is exclusive', ['--since', '2026-10-02', '--until', '2026-10-03'], 2],
    ['a day of another time zone', ['--since', '2026-10-02', '--until', '2026-10-03', '--timezone', '+02:00'], 3],
    ['two services, in any letter case', ['--service', 'S3', '--service', 'sqs'], 3],
    ['an operation and an account', ['--operation', 'SendMessage', '--account', '111122223333'], 1],
    ['regions of which one has no call', ['--region-name', 'eu-west-1', '--region-name', 'mars'], 1],
    ['a principal that nobody is', ['--principal', 'ana'], 0],
    ['errors', ['--errors-only'], 2],
    [
      'expressions of which all have to be true',
      ['--where', "service = 's3'", '--where', 'status_code < 300 -- ok'],
      2,
    ],
    ['all at once', ['--since', '2026-10-02', '--service', 's3', '--operation', 'PutObject', '--where', 'true'], 1],
  ])('%s', async (_name, flags, calls) => {
    const before = await awsusage(['sql', ...flags, COUNT, SOURCE, '--json']);
    expect(before).toMatchObject({ code: 0, left: [] });
    expect(firstValue(before)).toBe(calls);
    const { records } = jsonOf(before).accounting;
    expect(records).toMatchObject({ read: 5, kept: calls, filtered: 5 - calls });
  });

  test('a flag that may be repeated never swallows SOURCE', async () => {
    const orders = [
      ['query', 'services', '--service', 's3', SOURCE],
      ['query', '--service', 's3', 'services', SOURCE],
      ['query', 'services', SOURCE, '--service=s3'],
      ['query', '--service', 's3', '--', 'services', SOURCE],
    ];
    const ends = await Promise.all(orders.map((args) => awsusage([args[0] ?? '', '-q', ...args.slice(1)])));
    const inspected = await awsusage(['inspect', '--service', 's3', SOURCE, '--json']);
    for (const end of ends) expect(end).toEqual({ ...ends[0]!, code: 0 });
    expect(jsonOf<JsonAnswer>(inspected).accounting.records.kept).toBe(2);
  });

  test("a question's own flags stand anywhere too", async () => {
    const orders = [
      ['query', 'anomalies', SOURCE, '--fill-gaps', '--every', 'day'],
      ['query', '--every', 'day', '--fill-gaps', 'anomalies', SOURCE],
    ];
    const [first, ...others] = await Promise.all(orders.map((args) => awsusage([...args, '-q'])));
    expect(first?.stdout.match(/2026-10-0\dT/g)).toHaveLength(4);
    for (const other of others) expect(other).toEqual(first);
  });

  test('hundreds of values of one filter', async () => {
    const many = Array.from({ length: 500 }, (_, index) => ['--service', `service-${index}`]).flat();
    const end = await awsusage(['sql', COUNT, ...many, '--service', 'kms', SOURCE, '--json']);
    expect(firstValue(end)).toBe(1);
  });

  test('a list parameter takes one value each time', async () => {
    const args = ['query', 'denormalize', '--service', 's3', '--columns', 'Bucket', '--columns', 'Key', SOURCE];
    const end = await awsusage([...args, '-o', 'csv', '-q']);
    expect(end.stdout).toBe(
      'timestamp,operation,Bucket,Key\r\n2026-10-01T23:30:00Z,GetObject,b,k\r\n2026-10-02T00:00:00Z,PutObject,b,k\r\n',
    );
    expect((await awsusage([...args.slice(0, 4), '--columns', 'Bucket,Key', SOURCE, '-o', 'csv', '-q'])).stdout).toBe(
      end.stdout,
    );
  });
});

describe.concurrent('--limit', () => {
  test('cuts, and says so', async () => {
    const end = await awsusage(['query', 'services', SOURCE, '--limit', '3', '-o', 'ndjson']);
    expect(end.stdout.split('\n')).toHaveLength(3 + 1);
    expect(end.stderr).toContain('3 of 4 rows; --limit 0 shows all\n');
    const quiet = await awsusage(['query', 'services', SOURCE, '--limit', '3', '--quiet']);
    expect(quiet.stderr).toBe('');
  });

  test("a question's own limit, none with 0, and nothing said where nothing was cut", async () => {
    const records = Array.from({ length: 25 }, (_, index) => apiCall({ operation: `Op${index}` }));
    const source = newFolder({ 'calls.json': records.join('\n') });
    const cut = await awsusage(['query', 'top-operations', source, '--json']);
    expect(jsonOf(cut).rows).toHaveLength(20);
    expect(cut.stderr).toContain('20 of 25 rows; --limit 0 shows all\n');
    const all = await awsusage(['query', 'top-operations', source, '--json', '--limit', '0']);
    expect(jsonOf(all).rows).toHaveLength(25);
    expect(all.stderr).not.toContain('rows;');
  });

  test('of sql', async () => {
    const end = await awsusage(['sql', 'select * from range(1000)', SOURCE, '--limit', '1', '-o', 'ndjson']);
    expect(end.stdout).toBe('{"range":0}\n');
    expect(end.stderr).toContain('1 of 1,000 rows; --limit 0 shows all\n');
  });
});

describe.concurrent('--print-sql', () => {
  test('needs no source, and prints SQL that runs', async () => {
    const printed = await awsusage(['query', 'sessions-per-day', '--print-sql', '--timezone', 'Asia/Tokyo']);
    expect(printed).toMatchObject({ code: 0, stderr: '', left: [] });
    expect(printed.stdout).toMatch(/^-- sessions-per-day\n/);
    expect(printed.stdout).toContain("'Asia/Tokyo'");
    const many = await awsusage(['query', 'services,regions', '--print-sql']);
    expect(many.stdout).toMatch(/^-- services\n[^]*\n-- regions\n/);
    const end = await awsusage(['sql', many.stdout.split('-- regions')[0] ?? '', SOURCE, '-o', 'csv', '-q']);
    const asked = await awsusage(['query', 'services', SOURCE, '-o', 'csv', '-q']);
    expect(end.stdout).toBe(asked.stdout);
  });
});

describe.concurrent('--dry-run', () => {
  test('says what would be read, and reads nothing', async () => {
    const flags = ['--since', '2026-10-05', '--lateness', '1h', '--dry-run', '--json'];
    const end = await awsusage(['query', 'services', BUCKET, ...flags]);
    expect(end).toMatchObject({ code: 0, stderr: '', left: [] });
    // Ten objects lie below day=05 and day=06; their sizes are those of the files.
    expect(jsonOf<unknown>(end)).toEqual({
      version: 1,
      to_read: [
        {
          source: `${BUCKET}/`,
          objects: 10,
          bytes: expect.any(Number) as number,
          keys_from: '2026-10-05T06:00:00Z',
          keys_to: '2026-10-07T00:00:00Z',
          skipped: 1,
          unreadable: 0,
        },
      ],
      layouts: [{ layout: 'hive', objects: 10, bytes: expect.any(Number) as number }],
    });
    const table = await awsusage(['sql', 'select 1', BUCKET, '--dry-run']);
    expect(table.stdout).toMatch(/^to read\n[^]*\n\nlayouts\n/);
    expect((await awsusage(['inspect', BUCKET, '--dry-run', '-o', 'csv'])).code).toBe(2);
  });
});

describe.concurrent('sql', () => {
  test('the example queries written for ClickHouse, as they are', async () => {
    const ask = async (sql: string): Promise<JsonAnswer['rows']> =>
      jsonOf(await awsusage(['sql', sql, BUCKET, '--json'])).rows;
    const perDay = await ask(
      'SELECT toDate(`timestamp`) as `date`, countDistinct(session_id) as number_of_sessions FROM aws_api_calls GROUP BY `date`',
    );
    const perOperation = await ask(
      'SELECT service, operation, countDistinct(session_id) as number_of_sessions FROM aws_api_calls GROUP BY service, operation',
    );
    const buckets = await ask(
      "SELECT timestamp, operation, JSONExtractString(request, 'Bucket') as bucket FROM aws_api_calls WHERE service == 's3'",
    );
    expect(perDay).toContainEqual({ date: '2026-10-02', number_of_sessions: 5 });
    expect(perDay).toHaveLength(5);
    expect(perOperation).toContainEqual({ service: 'lambda', operation: 'GetFunction', number_of_sessions: 10 });
    expect(perOperation).toHaveLength(14);
    expect(buckets).toContainEqual({
      timestamp: '2026-10-01T06:12:05Z',
      operation: 'CreateBucket',
      bucket: 'shop-orders',
    });
    expect(buckets).toHaveLength(234);
  });

  test('raw records, of one format and of several', async () => {
    const one = await awsusage(['sql', 'select session_id, request from raw limit 1', SOURCE, '-o', 'ndjson', '-q']);
    expect(JSON.parse(one.stdout)).toEqual({
      session_id: 'f00dfeed-0000-4000-8000-000000000001',
      request: '{"Bucket":"b","Key":"k"}',
    });
    const sql =
      'select (select count(*) from raw_api_call) as a, (select count(*) from raw_cloudtrail) as b, (select count(*) from api_calls) as c';
    const two = await awsusage(['sql', sql, SOURCE, 'fixtures/cloudtrail-bucket', '-o', 'ndjson', '-q']);
    const { a, b, c } = JSON.parse(two.stdout) as Record<string, number>;
    expect([a, (a ?? 0) + (b ?? 0)]).toEqual([5, c]);
  });

  test.each<[string, string, RegExp]>([
    ['files', "select * from read_csv('/etc/passwd')", /Permission Error|not for questions/],
    ['files by name', "select * from '/etc/passwd'", /not exist|Permission|not for questions/],
    ['writing', "copy (select 1) to '/x.csv'", /is not a SELECT/],
    ['the environment', "select getenv('HOME')", /getenv/],
    ['nothing but a comment', '-- x', /holds no statement/],
    ['a mistake', 'selec 1', /cannot be parsed|syntax error/],
    ['an unknown table', 'select 1 from api_cals', /api_cals does not exist[^]*Did you mean "api_calls"/],
  ])('does not reach %s', async (_name, sql, message) => {
    const end = await awsusage(['sql', sql, SOURCE]);
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toMatch(message);
  });
});
