import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/cli/parse-config.js';
import { UserError } from '../../src/errors.js';
import { configFormat } from '../../src/formats/config-format.js';
import { API_CALL_COLUMNS } from '../../src/formats/api-call-columns.js';
import { matchesSchema, type Schema } from './json-schema.js';

const FROM = { path: '/project/awsusage.config.json', home: '/home/me' };
const SCHEMA = JSON.parse(
  readFileSync(new URL('../../awsusage.config.schema.json', import.meta.url), 'utf8'),
) as Schema;

const FORMAT = { name: 'mine', detect: { all: ['when', 'what'] }, columns: { timestamp: '$.when' } };

describe('parseConfig', () => {
  it('makes sources absolute, with what they end in', () => {
    const sources = {
      relative: 'logs/',
      up: '../other',
      absolute: '/var/log/aws',
      home: '~/captures/',
      bucket: 's3://trail/AWSLogs/',
      several: ['a', 's3://b/'],
      late: { source: 'c', lateness: '2d' },
      near: { source: 's3://c/', endpointUrl: 'http://localhost:4566', region: 'eu-west-1', profile: 'dev team' },
    };
    expect(Object.fromEntries(parseConfig({ sources }, FROM).sources)).toEqual({
      relative: { locations: ['/project/logs/'] },
      up: { locations: ['/other'] },
      absolute: { locations: ['/var/log/aws'] },
      home: { locations: ['/home/me/captures/'] },
      bucket: { locations: ['s3://trail/AWSLogs/'] },
      several: { locations: ['/project/a', 's3://b/'] },
      late: { locations: ['/project/c'], lateness: '2d' },
      near: {
        locations: ['s3://c/'],
        endpointUrl: 'http://localhost:4566',
        region: 'eu-west-1',
        profile: 'dev team',
      },
    });
  });

  it('knows names like those of built-in properties', () => {
    const { sources } = parseConfig({ sources: { constructor: 'a' } }, FROM);
    expect(sources.get('constructor')).toEqual({ locations: ['/project/a'] });
    expect(sources.get('toString')).toBeUndefined();
  });

  it.each([
    ['prod', { locations: ['/project/logs'], lateness: '1h' }],
    ['other/', { locations: ['/project/other/'] }],
    [['x', 's3://b/'], { locations: ['/project/x', 's3://b/'] }],
  ])('reads the default %j', (source, expected) => {
    const sources = { prod: { source: 'logs', lateness: '1h' } };
    expect(parseConfig({ sources, defaults: { source } }, FROM).defaultSource).toEqual(expected);
  });

  it('hands formats on as they are', () => {
    expect(parseConfig({ formats: [FORMAT] }, FROM).formats).toEqual([FORMAT]);
    expect(parseConfig({}, FROM)).toEqual({ path: FROM.path, sources: new Map(), formats: [] });
  });
});

const GOOD: readonly unknown[] = [
  {},
  { $schema: './awsusage.config.schema.json' },
  { sources: {} },
  { sources: { prod: 'logs/' } },
  { sources: { 'prod-eu.west_1': ['a', 's3://b/c/'] } },
  { sources: { prod: { source: 'a' }, test: { source: ['a', 'b'], lateness: '36h' } } },
  { sources: { a: { source: 's3://b/', endpointUrl: 'https://s3.example.com/', region: 'us-gov-west-1' } } },
  { sources: { a: { source: 's3://b/', profile: 'me@work' } } },
  { sources: { a: { source: 's3://b/', endpointUrl: 'http://[::1]:9000/storage/v1/s3' } } },
  { sources: { constructor: 'a' } },
  { snapshots: {} },
  { snapshots: { rules: [{ name: 'order', pattern: 'order-[0-9]+', replacement: '' }], without: ['ip'] } },
  { defaults: {} },
  { defaults: { source: 'a' } },
  { defaults: { source: ['a', 'b'] } },
  { formats: [] },
  { formats: [FORMAT] },
];

/** Each with the place that the message has to name. */
const BAD: readonly (readonly [unknown, string])[] = [
  [null, 'expected an object'],
  [[], 'expected an object'],
  ['{}', 'expected an object'],
  [{ $schema: 1 }, '$schema: '],
  [{ source: 'logs' }, 'source: there is no such key'],
  [JSON.parse('{"__proto__": {}}'), '__proto__: there is no such key'],
  [{ sources: 'logs' }, 'sources: '],
  [{ sources: ['logs'] }, 'sources: '],
  [{ sources: { '': 'a' } }, 'sources.: '],
  [{ sources: { 'a/b': 'a' } }, 'sources.a/b: '],
  [{ sources: { '-': 'a' } }, 'sources.-: '],
  [JSON.parse('{"sources": {"__proto__": "a"}}'), 'sources.__proto__: '],
  [{ sources: { a: '' } }, 'sources.a: it is empty'],
  [{ sources: { a: '-' } }, 'sources.a: standard input'],
  [{ sources: { a: null } }, 'sources.a: '],
  [{ sources: { a: 7 } }, 'sources.a: '],
  [{ sources: { a: [] } }, 'sources.a: it is empty'],
  [{ sources: { a: ['b', 7] } }, 'sources.a[1]: '],
  [{ sources: { a: [['b']] } }, 'sources.a[0]: '],
  [{ sources: { a: {} } }, 'sources.a: it has no "source"'],
  [{ sources: { a: { lateness: '1h' } } }, 'sources.a: it has no "source"'],
  [{ sources: { a: { source: {} } } }, 'sources.a.source: '],
  [{ sources: { a: { source: 'b', extra: 1 } } }, 'sources.a.extra: there is no such key'],
  [{ sources: { a: { source: 'b', lateness: 24 } } }, 'sources.a.lateness: '],
  [{ sources: { a: { source: 'b', lateness: '24' } } }, 'sources.a.lateness: expected a span'],
  [{ sources: { a: { source: 'b', lateness: '1h\n' } } }, 'sources.a.lateness: expected a span'],
  [{ sources: { a: { source: 's3://b/', endpointUrl: 'localhost:4566' } } }, 'sources.a.endpointUrl: expected an'],
  [{ sources: { a: { source: 's3://b/', endpointUrl: 'http://k:s@host' } } }, 'sources.a.endpointUrl: expected an'],
  [
    { sources: { a: { source: 's3://b/', endpointUrl: 'http://host/path?x=1' } } },
    'sources.a.endpointUrl: expected an',
  ],
  [{ sources: { a: { source: 's3://b/', region: 'Ohio' } } }, 'sources.a.region: expected the name of a region'],
  [{ sources: { a: { source: 's3://b/', region: 1 } } }, 'sources.a.region: expected a text'],
  [{ sources: { a: { source: 's3://b/', profile: '' } } }, 'sources.a.profile: expected the name of a profile'],
  [{ sources: { a: { source: 's3://b/', bucket: 'b' } } }, 'sources.a.bucket: there is no such key'],
  [{ defaults: 'a' }, 'defaults: '],
  [{ defaults: { sources: 'a' } }, 'defaults.sources: there is no such key'],
  [{ defaults: { source: '' } }, 'defaults.source: it is empty'],
  [{ defaults: { source: [] } }, 'defaults.source: it is empty'],
  [{ formats: {} }, 'formats: expected a list'],
];

describe('the schema and the reader agree', () => {
  it.each(GOOD.map((document) => [document]))('on %j: good', (document) => {
    expect(() => parseConfig(document, FROM)).not.toThrow();
    expect(matchesSchema(SCHEMA, document)).toBe(true);
  });

  it.each(BAD)('on %j: bad, at %s', (document, place) => {
    const parse = (): unknown => parseConfig(document, FROM);
    expect(parse).toThrow(UserError);
    expect(parse).toThrow(`${FROM.path}: ${place}`);
    expect(matchesSchema(SCHEMA, document)).toBe(false);
  });
});

describe('the schema', () => {
  it('knows the columns that a format may fill', () => {
    const { properties } = SCHEMA['$defs']?.['format']?.properties?.['columns'] ?? {};
    const projected = Object.keys(API_CALL_COLUMNS).filter((name) => name !== 'log_format' && name !== 'object_key');
    expect(Object.keys(properties ?? {})).toEqual(projected);
  });

  it.each([
    [FORMAT],
    [{ ...FORMAT, summary: 'calls of our gateway' }],
    [{ ...FORMAT, detect: { any: ['a'] } }],
    [{ ...FORMAT, detect: { all: ['a'], any: ['b', 'c'], none: [] } }],
    [{ ...FORMAT, columns: { timestamp: '$.a.b[0]', calls: { sql: "json_extract(record, '$.n')" } } }],
  ])('and the reader of formats take %j', (format) => {
    expect(() => configFormat(format, 'formats[0]')).not.toThrow();
    expect(matchesSchema(SCHEMA, { formats: [format] })).toBe(true);
  });

  it.each([
    [null],
    [{}],
    [{ ...FORMAT, name: 'My Format' }],
    [{ ...FORMAT, name: 'a'.repeat(41) }],
    [{ ...FORMAT, summary: ' ' }],
    [{ ...FORMAT, detect: {} }],
    [{ ...FORMAT, detect: { all: [] } }],
    [{ ...FORMAT, detect: { none: ['a'] } }],
    [{ ...FORMAT, detect: { all: [''] } }],
    [{ ...FORMAT, detect: { all: 'a' } }],
    [{ ...FORMAT, detect: { all: ['a'], some: ['b'] } }],
    [{ ...FORMAT, columns: {} }],
    [{ ...FORMAT, columns: { service: '$.s' } }],
    [{ ...FORMAT, columns: { timestamp: '$.a', object_key: '$.b' } }],
    [{ ...FORMAT, columns: { timestamp: 'when' } }],
    [{ ...FORMAT, columns: { timestamp: '$' } }],
    [{ ...FORMAT, columns: { timestamp: { sql: '' } } }],
    [{ ...FORMAT, columns: { timestamp: { sql: 'a; b' } } }],
    [{ ...FORMAT, columns: { timestamp: { path: '$.a' } } }],
    [{ ...FORMAT, extra: true }],
  ])('and the reader of formats refuse %j', (format) => {
    expect(() => configFormat(format, 'formats[0]')).toThrow(UserError);
    expect(matchesSchema(SCHEMA, { formats: [format] })).toBe(false);
  });
});
