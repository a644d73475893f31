import { expect, test } from 'vitest';
import { API_CALL_COLUMNS } from '../../src/formats/api-call-columns.js';
import type { ApiCallColumn } from '../../src/formats/api-call-columns.js';
import { configFormat, configFormats } from '../../src/formats/config-format.js';
import { detectFormat } from '../../src/formats/format-catalog.js';
import { neededFields, projectionSql } from '../../src/formats/projection-sql.js';
import { UserError } from '../../src/errors.js';
import { openDuckDb, rowsOf, stage } from './duckdb-session.js';

const DEFINITION = {
  name: 'my-app',
  detect: { all: ['time', 'who'], none: ['eventName'] },
  columns: {
    timestamp: '$.time',
    service: { sql: "'myapp' -- always" },
    operation: { sql: "upper(json_extract_string(record, '$.verb')) || ' ' || (record->>'$.path')" },
    principal: '$.who.name',
    source_ip: '$.hops[1]."remote ip"',
    user_agent: '$["user agent"]',
    status_code: '$.status',
    duration_ms: '$.took',
    request: '$.body',
    response: '$.answer',
    calls: '$.times',
  },
};

const RECORD = {
  time: 1673331301,
  who: { name: "O'Hara" },
  verb: 'get',
  path: '/x',
  hops: [1, { 'remote ip': '1.2.3.4' }],
  'user agent': 'curl',
  status: '201',
  took: 1.5,
  body: { a: [1, 'x'] },
  answer: '{"b":2}',
  times: 3,
};

test('a described format is detected and projected', async () => {
  const format = configFormat(DEFINITION, 'formats[0]');
  expect(detectFormat(Object.keys(RECORD), [format])).toEqual({ kind: 'format', format });
  expect(detectFormat([...Object.keys(RECORD), 'eventName'], [format])).toEqual({ kind: 'unknown' });
  expect(format.wholeRecord).toBe(true);
  expect(neededFields(format, ['service'])).toEqual(['record']);
  const connection = await openDuckDb();
  await stage(connection, format, [RECORD, { time: 'soon', who: 1 }]);
  const columns = projectionSql(format, { columns: Object.keys(API_CALL_COLUMNS) as ApiCallColumn[] });
  const rows = await rowsOf(connection, `SELECT ${columns.join(', ')} FROM staged`);
  expect(rows[0]).toMatchObject({
    timestamp: '2023-01-10 06:15:01',
    event_id: null,
    service: 'myapp',
    operation: 'GET /x',
    principal: "O'Hara",
    source_ip: '1.2.3.4',
    user_agent: 'curl',
    status_code: 201,
    duration_ms: 1.5,
    request: '{"a":[1,"x"]}',
    response: '{"b":2}',
    calls: '3',
  });
  expect(rows[1]).toMatchObject({
    timestamp: null,
    service: 'myapp',
    operation: null,
    principal: null,
    request: null,
    calls: '1',
  });
});

const { columns, detect, name } = DEFINITION;
const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
  ['no object', 'x', /formats\[0\] must be an object/],
  [
    'unknown key',
    { ...DEFINITION, colums: {} },
    /formats\[0\] has an unknown key "colums"; accepted are: name, summary, detect, columns/,
  ],
  ['no name', { detect, columns }, /formats\[0\]\.name must be text/],
  ['bad name', { detect, columns, name: 'My App' }, /formats\[0\]\.name must be lower-case/],
  ['built-in name', { detect, columns, name: 'cloudtrail' }, /"cloudtrail" is the name of a built-in format/],
  ['label of a built-in one', { detect, columns, name: 'api-call' }, /built-in/],
  ['no detect', { name, columns }, /formats\[0\]\.detect must be an object/],
  [
    'empty detect',
    { name, columns, detect: { none: ['x'] } },
    /formats\[0\]\.detect needs at least one key in "all" or "any"/,
  ],
  ['detect no list', { name, columns, detect: { all: 'x' } }, /formats\[0\]\.detect\.all must be a list/],
  ['detect no text', { name, columns, detect: { all: ['a', 1] } }, /formats\[0\]\.detect\.all\[1\] must be text/],
  [
    'unknown column',
    { name, detect, columns: { timestamp: '$.t', user: '$.u' } },
    /formats\[0\]\.columns has an unknown key "user"; accepted are: timestamp, event_id, .*, calls\./,
  ],
  [
    'column that is not theirs',
    { name, detect, columns: { timestamp: '$.t', log_format: '$.u' } },
    /unknown key "log_format"/,
  ],
  ['no timestamp', { name, detect, columns: { service: '$.s' } }, /formats\[0\]\.columns needs "timestamp"/],
  [
    'no path',
    { name, detect, columns: { timestamp: 'time' } },
    /formats\[0\]\.columns\.timestamp is "time", no JSON path/,
  ],
  ['wildcard', { name, detect, columns: { timestamp: '$.*' } }, /no JSON path/],
  ['open path', { name, detect, columns: { timestamp: '$.a[' } }, /no JSON path/],
  ['quote in a path', { name, detect, columns: { timestamp: `$.a') FROM x --` } }, /no JSON path/],
  ['neither', { name, detect, columns: { timestamp: 5 } }, /formats\[0\]\.columns\.timestamp must be a path such as/],
  [
    'empty sql',
    { name, detect, columns: { timestamp: { sql: ' ' } } },
    /formats\[0\]\.columns\.timestamp\.sql must be text/,
  ],
  ['two statements', { name, detect, columns: { timestamp: { sql: '1; DROP TABLE x' } } }, /without ;/],
];

test.each(REFUSED)('refused: %s', (_, definition, message) => {
  expect(() => configFormat(definition, 'formats[0]')).toThrow(UserError);
  expect(() => configFormat(definition, 'formats[0]')).toThrow(message);
});

test('a list of formats has each name once', () => {
  expect(configFormats([DEFINITION, { ...DEFINITION, name: 'other' }], 'formats').map((format) => format.name)).toEqual(
    ['my-app', 'other'],
  );
  expect(() => configFormats([DEFINITION, DEFINITION], 'formats')).toThrow(
    /formats\[1\]\.name "my-app" is there twice/,
  );
  expect(() => configFormats({}, 'formats')).toThrow(/formats must be a list/);
});
