import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { githubCommandsIn, otherCommandsIn } from '../output/ci-commands.js';
import { dangerIn } from '../output/dangerous-characters.js';
import { HOSTILE_STRINGS } from '../output/hostile-strings.js';
import { jsonOf } from './answer.js';
import { apiCall, cloudtrailRecord } from './made-calls.js';
import { parseCsv } from './parse-csv.js';
import { awsusage, type Ended, newFolder } from './run-awsusage.js';

/** A lone surrogate is no text that a file could hold; as an escape it comes in as the replacement character. */
const asRead = (text: string): string => Buffer.from(text).toString();
const TEXTS = [...new Set(HOSTILE_STRINGS.map(asRead))];

/** Neither `/` nor NUL can be in a name, and 255 bytes are the most. */
const asName = (text: string): string => text.replaceAll('\0', '').replaceAll('/', '∕');

/** Every text as value and key, in a file and a folder of that name. */
const FILES = Object.fromEntries(
  HOSTILE_STRINGS.map((text, index) => [
    join(`${index}${asName(asRead(text))}`, `${asName(asRead(text))}${index}.json`),
    index % 2 === 0 ? hostileCall(text) : JSON.stringify({ Records: [hostileEvent(text)] }),
  ]),
);
const SOURCE = newFolder(FILES);

/** Records that are put aside, with a hostile text in what is said of them: keys, an unheard-of format, a bare word. */
const BROKEN = newFolder(
  Object.fromEntries(
    TEXTS.map((text, index) => [
      `${index}${asName(text)}.json`,
      [hostileCall('good'), JSON.stringify({ [text]: 1, [`${text}2`]: text }), `{"a":${text}}`, text].join('\n'),
    ]),
  ),
);

function hostileCall(text: string): string {
  return apiCall({
    service: `Svc${text}`,
    operation: text,
    region: text,
    principal: text,
    user_agent: text,
    session_id: text,
    account_id: text,
    status_code: 400,
    err_type: text,
    err_msg: text,
    request: { [text]: text, Bucket: text },
    response: text,
    [text]: text,
  });
}

function hostileEvent(text: string): unknown {
  return cloudtrailRecord({
    eventName: text,
    eventSource: text,
    awsRegion: text,
    userIdentity: { arn: text, accessKeyId: `ASIA${text}` },
    userAgent: text,
    sourceIPAddress: text,
    errorCode: text,
    errorMessage: text,
    requestParameters: { [text]: { [text]: text } },
    [text]: text,
  });
}

const QUESTIONS = 'denormalize,errors,first-seen,principals,regions,s3-buckets,services,top-operations,user-agents';
const ALL = ['--limit', '0', '--allow-partial'];

/** Nothing but line ends where lines are laid out, nothing but the result on stdout, and nothing that CI would obey. */
function expectInert({ stdout, stderr }: Ended, laidOut = '\n'): void {
  expect(dangerIn(stdout, laidOut)).toEqual([]);
  expect(dangerIn(stderr, '\n')).toEqual([]);
  for (const stream of [stdout, stderr]) {
    expect(githubCommandsIn(stream)).toEqual([]);
    expect(otherCommandsIn(stream)).toEqual([]);
  }
}

describe('hostile text in an answer is inert', () => {
  test('as a table, where no line looks like one of ours', async () => {
    const ends = await Promise.all([
      awsusage(['query', QUESTIONS, SOURCE, ...ALL]),
      awsusage(['sql', 'select * from api_calls', SOURCE, ...ALL]),
      awsusage(['inspect', SOURCE, '--allow-partial']),
      awsusage(['inspect', BROKEN, '--allow-partial']),
      awsusage(['query', 'services', SOURCE, '--dry-run']),
    ]);
    for (const end of ends) {
      expect(end.code).toBe(0);
      expectInert(end);
      for (const line of end.stdout.split('\n')) expect(line).toMatch(/^([┌│├└].*[┐│┤┘]|[a-z0-9 -]*|\(0 rows\))$/u);
    }
  });

  test('as Markdown, where every row keeps its columns and nothing is active', async () => {
    const ends = await Promise.all([
      awsusage(['query', QUESTIONS, SOURCE, ...ALL, '-o', 'markdown']),
      awsusage(['sql', 'select * from api_calls', SOURCE, ...ALL, '-o', 'markdown']),
      awsusage(['inspect', BROKEN, '--allow-partial', '-o', 'markdown']),
    ]);
    for (const end of ends) {
      expect(end.code).toBe(0);
      expectInert(end);
      expectMarkdownTables(end.stdout);
    }
  });

  test.each(['denormalize', 'errors'])('%s as CSV', async (question) => {
    const end = await awsusage(['query', question, SOURCE, ...ALL, '-o', 'csv']);
    expect(end.code).toBe(0);
    expectInert(end, '\t\r\n');
    expectCsv(end.stdout);
  });

  test('all columns as CSV, JSON and NDJSON, which give back what was read', async () => {
    const sql = 'select operation, principal, user_agent, error_message, request, object_key from api_calls';
    const [csv, json, ndjson] = await Promise.all(
      ['csv', 'json', 'ndjson'].map((output) => awsusage(['sql', sql, SOURCE, ...ALL, '-o', output])),
    );
    expectInert(csv!, '\t\r\n');
    expectCsv(csv!.stdout);
    expectInert(json!);
    expectInert(ndjson!);
    const rows = JSON.parse(json!.stdout) as Record<string, string>[];
    const lines = ndjson!.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expect.arrayContaining(rows));
    expect(lines).toHaveLength(HOSTILE_STRINGS.length);
    const operations = new Set(rows.map(({ operation }) => operation));
    for (const text of TEXTS.filter((one) => one.trim() !== '')) expect(operations).toContain(text);
    const keys = new Set(rows.map(({ object_key }) => object_key));
    expect(keys).toEqual(new Set(Object.keys(FILES)));
  });

  test('with --json, the accounting too', async () => {
    for (const args of [
      ['query', QUESTIONS, SOURCE, ...ALL],
      ['inspect', BROKEN, '--allow-partial'],
      ['query', 'errors', BROKEN, '--allow-partial'],
    ]) {
      const end = await awsusage([...args, '--json']);
      expect(end.code).toBe(0);
      expectInert(end);
      expect(jsonOf(end).accounting.objects.failed).toBe(0);
    }
  });

  test('in the names of columns', async () => {
    const names = TEXTS.map((text) => `1 as "${text.replaceAll('"', '""').replaceAll('\0', '')}"`);
    const sql = `select ${names.join(', ')}`;
    for (const output of ['markdown', 'csv', 'json']) {
      const end = await awsusage(['sql', sql, SOURCE, '-o', output, '-q', '--allow-partial']);
      expect(end.code).toBe(0);
      expectInert(end, output === 'csv' ? '\t\r\n' : '\n');
    }
  });

  test('--csv-raw alone gives it as it is', async () => {
    const end = await awsusage(['sql', "select '=1' || chr(27)", SOURCE, '-o', 'csv', '--csv-raw', '--allow-partial']);
    expect(end.stdout.split('\r\n')[1]).toBe('=1\x1b');
  });
});

describe('hostile text in messages is inert', () => {
  test('an error that quotes data', async () => {
    const picked = TEXTS.filter((_, index) => index % 16 === 0);
    const ends = await Promise.all([
      ...picked.map((text) => {
        const where = `case when operation = '${text.replaceAll("'", "''").replaceAll('\0', '')}' then error(operation) end`;
        return awsusage(['query', 'services', SOURCE, '--where', where]);
      }),
      awsusage(['sql', 'select cast(request as integer) from api_calls', SOURCE, '--json']),
    ]);
    for (const end of ends) {
      expectInert(end);
      expectOurLines(end);
    }
    expect(ends.at(-1)?.code).toBe(2);
  });

  test('what the user gives: names, flags, values, sources, SQL', async () => {
    const text = 'a\x1b[31m\x9b2J\u202e\u2028b\nError: not ours\r';
    const commands = [
      [text],
      ['query', text, SOURCE],
      ['query', `${text}.sql`, SOURCE],
      ['query', 'services', text],
      ['query', 'services', SOURCE, `--${text}`],
      ['query', 'services', SOURCE, '--output', text],
      ['query', 'services', SOURCE, '--since', text],
      ['query', 'services', SOURCE, '--timezone', text],
      ['query', 'services', SOURCE, '--memory', text],
      ['query', 'services', SOURCE, '--where', text],
      ['query', 'services', SOURCE, '--where', `"${text}" = 1`],
      ['query', 'denormalize', SOURCE, '--columns', `[${text}`],
      ['sql', `select "${text}" from api_calls`, SOURCE],
      ['sql', `select '${text}' from "${text}"`, SOURCE],
    ];
    for (const end of await Promise.all(commands.map((args) => awsusage(args)))) {
      expect(end).toMatchObject({ code: 2, stdout: '' });
      expectInert(end);
      expectOurLines(end);
    }
  });

  test('an unknown format: its keys, and the map to fill in', async () => {
    const record = Object.fromEntries(TEXTS.map((text) => [text, text]));
    const source = newFolder({ 'a.json': [JSON.stringify(record), JSON.stringify(record)].join('\n') });
    for (const json of [[], ['--json']]) {
      const end = await awsusage(['query', 'services', source, ...json]);
      expect(end.code).toBe(2);
      expectInert(end);
      expectOurLines(end);
    }
  });

  test('the configuration: names, places and mistakes', async () => {
    const name = '\x1b[31mname\u202e';
    const configs = [
      JSON.stringify({ sources: { [name]: './x' } }),
      JSON.stringify({ sources: { a: { source: './x', [name]: 1 } } }),
      JSON.stringify({ formats: [{ name, detect: { all: [name] }, columns: { timestamp: name } }] }),
      JSON.stringify({ formats: [{ name: 'mine', detect: { all: ['a'] }, columns: { service: { sql: name } } }] }),
      `{"sources": ${name}}`,
    ];
    for (const config of configs) {
      const cwd = newFolder({ 'awsusage.config.json': config, 'a.json': '{"a":1}\n{"a":2}' });
      const end = await awsusage(['query', 'services', 'a.json'], { cwd });
      expect(end).toMatchObject({ code: 2, stdout: '' });
      expectInert(end);
    }
  });

  test("a stranger's question", async () => {
    const cwd = newFolder({
      'evil.sql': `-- summary: \x1b[31mred\n-- note: \u202e\n-- parameter: x\n--   type: text\n--   description: \x1b]0;t\x07\nSELECT $x AS "\x1b[2J"`,
    });
    for (const args of [['--help'], ['--print-sql', '--x', 'a\nDROP TABLE b'], [SOURCE, '--allow-partial', '-q']]) {
      const end = await awsusage(['query', './evil.sql', ...args], { cwd });
      expect(end.code).toBe(0);
      expectInert(end);
      expect(end.stdout).not.toMatch(/^DROP/m);
    }
  });
});

/** Only a message of ours begins at the margin, so that a line end in data cannot pass for one. */
function expectOurLines({ stderr }: Ended): void {
  const [first, ...others] = stderr.trimEnd().split('\n');
  expect(first).toMatch(/^(Error: |objects: )/);
  for (const line of others) expect(line).toMatch(/^( {2}|The answer is incomplete)/);
}

function expectCsv(text: string): void {
  const [header, ...records] = parseCsv(text);
  for (const record of records) {
    expect(record).toHaveLength(header?.length ?? 0);
    for (const field of record) expect(field).not.toMatch(/^[=+@\t\r\n\0＝＋－＠]|^-(?!\d+(\.\d+)?$)/u);
  }
}

function expectMarkdownTables(text: string): void {
  for (const table of text.split(/\n*^## .*\n\n/m).filter((part) => part !== '')) {
    const lines = table.trimEnd().split('\n');
    const widths = new Set(lines.map((line) => line.split('|').length));
    expect(widths.size).toBe(1);
    for (const line of lines) {
      expect(line).toMatch(/^\| .* \|$/u);
      // Outside of escapes there is no markup, no HTML, no address, no mention.
      const bare = line.replace(/\\[^\w\s]|&(#\d+|[a-z]+);/g, '·');
      expect(bare).not.toMatch(/[`*<>[\]$]|:\/\/|www\.|@\w/);
    }
  }
}
