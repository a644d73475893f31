import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { JsonScanner } from '../../src/records/json-scanner.js';
import { ShapeTree } from '../../src/records/record-shapes.js';
import { MAX_RECORD_BYTES, RecordSplitter } from '../../src/records/split-records.js';
import { seededChance, type Chance } from './seeded-chance.js';
import { HAS_SHARED_DATA, readRealRecords, sharedPath } from './shared-data.js';
import { splitBody, splitChunks, textsOf } from './split-body.js';

const CHUNK_SIZES = [1, 2, 3, 5, 7, 64, 4096];

describe('bodies of good records', () => {
  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['blank space', ' \r\n\t\n', []],
    ['one record', '{"a":1}', ['{"a":1}']],
    ['NDJSON', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ['NDJSON without its last newline', '{"a":1}\n{"a":2}', ['{"a":1}', '{"a":2}']],
    ['CRLF', '{"a":1}\r\n{"a":2}\r\n', ['{"a":1}', '{"a":2}']],
    ['blank lines', '\n\n{"a":1}\n \r\n\n{"a":2}\n\n', ['{"a":1}', '{"a":2}']],
    ['indented lines', '  {"a":1}\n\t{"a":2}  \n', ['{"a":1}', '{"a":2}']],
    ['nothing between', '{"a":1}{"a":2}{}', ['{"a":1}', '{"a":2}', '{}']],
    ['commas between', '{"a":1},{"a":2},\n{"a":3},\n', ['{"a":1}', '{"a":2}', '{"a":3}']],
    [
      'pretty-printed',
      '{\n  "a": {\n    "b": 1\n  }\n}\n{\n  "a": 2\n}\n',
      ['{\n  "a": {\n    "b": 1\n  }\n}', '{\n  "a": 2\n}'],
    ],
    ['brackets in strings', '{"a":"}{"}{"a":"]["}', ['{"a":"}{"}', '{"a":"]["}']],
    ['an array', '[{"a":1},{"a":2}]', ['{"a":1}', '{"a":2}']],
    ['an array with blanks', ' [ {"a":1} , {"a":2} ] ', ['{"a":1}', '{"a":2}']],
    ['arrays, one a line', '[{"a":1}]\n[{"a":2},{"a":3}]\n', ['{"a":1}', '{"a":2}', '{"a":3}']],
    ['arrays with nothing between', '[{"a":1}][{"a":2}]', ['{"a":1}', '{"a":2}']],
    ['a record and an array', '{"a":1}\n[{"a":2}]\n{"a":3}', ['{"a":1}', '{"a":2}', '{"a":3}']],
    ['Records', '{"Records":[{"a":1},{"a":2}]}', ['{"a":1}', '{"a":2}']],
    ['Events', '{"Events":[{"a":1}]}', ['{"a":1}']],
    ['logEvents', '{"logEvents":[{"a":1}]}', ['{"a":1}']],
    ['members before', '{"x":1,"y":{"z":[{}]},"Records":[{"a":1}]}', ['{"a":1}']],
    ['members behind', '{"Records":[{"a":1}],"n":12345,"y":{"z":[{}]},"s":"]}","t":null}', ['{"a":1}']],
    ['members around, with blanks', '{ "x" : 1 ,\n"Records" : [ {"a":1} ] , "n" : 1.5 }\n', ['{"a":1}']],
    ['two lists in one envelope', '{"Records":[{"a":1}],"n":1,"Events":[ {"a":2}]}', ['{"a":1}', '{"a":2}']],
    ['the same list twice', '{"Records":[{"a":1}],"Records":[{"a":2}],"Records":[]}', ['{"a":1}', '{"a":2}']],
    ['an empty list and a list', '{"Records":[],"Events":[{"a":1}]}', ['{"a":1}']],
    ['envelopes, one a line', '{"Records":[{"a":1}]}\n{"Records":[{"a":2}]}\n', ['{"a":1}', '{"a":2}']],
    ['envelopes with nothing between', '{"Records":[{"a":1}]}{"Records":[{"a":2}]}', ['{"a":1}', '{"a":2}']],
    ['an array of envelopes', '[{"Records":[{"a":1}]},{"x":1,"Records":[{"a":2}],"y":2}]', ['{"a":1}', '{"a":2}']],
    ['an envelope in an envelope', '{"Records":[{"logEvents":[{"a":1}]},{"a":2}]}', ['{"a":1}', '{"a":2}']],
    ['an envelope deeper in a record', '{"a":{"Records":[{"a":1}]}}', ['{"a":{"Records":[{"a":1}]}}']],
    ['an envelope without records is a value', '{"Records":[]}', ['{"Records":[]}']],
    ['a list of other things is a value', '{"Records":[1,2]}', ['{"Records":[1,2]}']],
    ['values that are no objects', '1\n"a"\nnull\n[1,[2]]\n[]\n', ['1', '"a"', 'null', '[1,[2]]', '[]']],
    ['values that are no objects in an array', '[{"a":1},12,"a",[1],null]', ['{"a":1}', '12', '"a"', '[1]', 'null']],
  ])('%s', (_name, body, values) => {
    const found = splitBody(body);
    expect([textsOf(found), found.bad, found.broken]).toEqual([values, [], undefined]);
    for (const size of CHUNK_SIZES) expect(splitBody(body, size), `chunks of ${size}`).toEqual(found);
  });
});

describe('a bad value loses itself alone', () => {
  test.each<[string, string, string[], string[]]>([
    ['a bad line', '{"a":1}\n{"a":x}\n{"a":2}\n', ['{"a":1}', '{"a":2}'], ['{"a":x}']],
    ['a bad first line', 'text\n{"a":1}\n', ['{"a":1}'], ['text']],
    ['a bad last line', '{"a":1}\n{"a":', ['{"a":1}'], ['{"a":']],
    ['a line cut short', '{"a":1}\n{"b":{"c":"d\n{"a":2}\n', ['{"a":1}', '{"a":2}'], ['{"b":{"c":"d']],
    ['a line with an open bracket alone', '{"a":1}\n[\n{"a":2}\n', ['{"a":1}', '{"a":2}'], ['[']],
    ['a line with a stray envelope', '{"a":1}\n{"Records":[\n{"a":2}\n', ['{"a":1}', '{"a":2}'], ['{"Records":[']],
    ['a string that ends with a backslash', '{"a":"b\\\n{"a":1}\n{"a":2}"}\n', ['{"a":1}'], ['{"a":"b\\', '{"a":2}"}']],
    ['text behind a value', '{"a":1} x\n{"a":2}\n', ['{"a":2}'], ['{"a":1} x']],
    ['one bracket too many', '{"a":1}}\n{"a":2}\n', ['{"a":2}'], ['{"a":1}}']],
    ['bad with nothing between', '{"a":x}{"a":1}{"a":y},{"a":2}', ['{"a":1}', '{"a":2}'], ['{"a":x}', '{"a":y}']],
    [
      'a bad pretty-printed value',
      '{\n "a": {\n  "b": x\n }\n}\n{\n "a": 1\n}\n',
      ['{\n "a": 1\n}'],
      ['{\n "a": {\n  "b": x\n }\n}'],
    ],
    [
      'a cut pretty-printed value',
      '{\n "a":\n {\n  "b": 1\n{\n "a": 1\n}\n',
      ['{\n "a": 1\n}'],
      ['{\n "a":\n {\n  "b": 1'],
    ],
    ['a bad element', '[{"a":1},{"a":x},{"a":2}]', ['{"a":1}', '{"a":2}'], ['{"a":x}']],
    ['a bad word for an element', '[{"a":1}, nope ,{"a":2}]', ['{"a":1}', '{"a":2}'], ['nope']],
    ['a bad string for an element', '[{"a":1},"\\x, {}",{"a":2}]', ['{"a":1}', '{"a":2}'], ['"\\x, {}"']],
    ['no element', '[{"a":1},,{"a":2}]', ['{"a":1}', '{"a":2}'], [',']],
    ['a comma too many', '[{"a":1},]', ['{"a":1}'], [']']],
    ['text between elements', '[{"a":1}}},{"a":2} x]', ['{"a":1}', '{"a":2}'], ['}}', 'x']],
    ['a bad element that lacks its comma', '[{"a":x}{"a":1}]', ['{"a":1}'], ['{"a":x}']],
    [
      'a bad record of an envelope',
      '{"Records":[{"a":1},{"a":NaN},{"a":2}],"n":1}',
      ['{"a":1}', '{"a":2}'],
      ['{"a":NaN}'],
    ],
    [
      'a cut element on a line of its own',
      '[\n{"a":1},\n{"b":[{"c":\n{"a":2}\n]',
      ['{"a":1}', '{"a":2}'],
      ['{"b":[{"c":'],
    ],
    [
      'a cut element, pretty-printed',
      '[\n  {\n    "a": 1\n  },\n  {\n    "b": [\n      {\n  {\n    "a": 2\n  }\n]',
      ['{\n    "a": 1\n  }', '{\n    "a": 2\n  }'],
      ['{\n    "b": [\n      {'],
    ],
    [
      'a shipper that is not closed',
      '[{"a":1},{"aws":{"cloudtrail":{"a":2}},{"a":3}]',
      ['{"a":1}', '{"a":2}', '{"a":3}'],
      ['{"aws":{"cloudtrail":', '}'],
    ],
    ['not UTF-8', '{"a":1}\n{"a":"\xff"}\n{"a":2}\n', ['{"a":1}', '{"a":2}'], ['{"a":"\xff"}']],
    ['text behind a list, on a line of its own', '[{"a":1}]\ntext\n', ['{"a":1}'], ['text']],
  ])('%s', (_name, text, values, bad) => {
    const body = Buffer.from(text, 'latin1');
    const found = splitBody(body);
    expect([textsOf(found), found.bad.map((piece) => piece.text), found.broken]).toEqual([values, bad, undefined]);
    for (const size of CHUNK_SIZES) expect(splitBody(body, size), `chunks of ${size}`).toEqual(found);
    for (const { start, end, text: told } of [...found.values, ...found.bad]) expect(text.slice(start, end)).toBe(told);
  });
});

describe('a broken container loses everything', () => {
  test.each([
    ['text behind an array', '[{"a":1}] x'],
    ['text behind an envelope', '{"Records":[{"a":1}]}}'],
    ['a tail that is not JSON', '{"Records":[{"a":1}],"b":x}'],
    ['a tail without a comma', '{"Records":[{"a":1}]"b":1}'],
    ['a tail without a key', '{"Records":[{"a":1}],}'],
    ['a tail with a key alone', '{"Records":[{"a":1}],"b"}'],
    ['a second list that is not JSON', '{"Records":[{"a":1}],"Events":[x]}'],
    ['an element that never ends', '[{"a":1},{"b":"c},{"a":2}]'],
    ['the wrong bracket', '[{"a":1}}'],
  ])('%s', (_name, body) => {
    const { broken } = splitBody(body);
    expect(broken).toEqual(expect.any(String));
    for (const size of CHUNK_SIZES) expect(splitBody(body, size).broken, `chunks of ${size}`).toBe(broken);
  });

  test.each([
    '[{"a":1},{"b":[2]}]',
    '{"Records":[{"a":1},{"b":[2]}],"x":{"y":12},"Events":[{"a":1}],"z":"}"}',
    '[{"Records":[{"a":1}],"x":1},{"a":2}]',
    '{\n  "Records": [\n    {\n      "a": 1\n    },\n    {\n      "b": 2\n    }\n  ]\n}',
  ])('%s, cut anywhere', (body) => {
    const opens = body.indexOf('[') + 1;
    for (let cut = 1; cut < body.length; cut++) {
      const found = splitBody(body.slice(0, cut));
      if (found.broken === undefined) expect([found.values, found.bad.length], `cut at ${cut}`).toEqual([[], 1]);
      if (cut > opens + 12) expect(found.broken, `cut at ${cut}`).toEqual(expect.any(String));
      expect(splitBody(body.slice(0, cut), 1), `cut at ${cut}`).toEqual(found);
    }
    expect(splitBody(body).broken).toBeUndefined();
  });
});

describe('known records in random containers', () => {
  const known = [...readRealRecords().slice(0, 400), ...ownRecords()];

  test.each(Array.from({ length: 300 }, (_, i) => i + 1))('seed %i', (seed) => {
    const chance = seededChance(seed);
    const records = Array.from({ length: 1 + chance.below(12) }, () => chance.pick(known));
    const body = Buffer.from(pack(records, chance));
    const found = splitChunks(randomChunks(body, chance));
    expect([found.bad, found.broken]).toEqual([[], undefined]);
    const values = textsOf(found).map((text) => JSON.parse(Buffer.from(text, 'latin1').toString()) as unknown);
    expect(values).toEqual(records.map((record) => JSON.parse(record) as unknown));
  });
});

test.skipIf(!HAS_SHARED_DATA)('samples-large.json: a stray }} between 840 records (needs ../shared)', () => {
  const body = readFileSync(sharedPath('opensearch-catalog/aws_cloudtrail/samples-large.json'));
  const found = splitBody(body);
  expect(found.broken).toBeUndefined();
  expect(found.values).toHaveLength(840);
  expect(textsOf(found).filter((text) => /^\{\s*"aws"/.test(text))).toHaveLength(47);
  expect(new Set(textsOf(found).map((text) => /"eventID": *"([^"]+)"/.exec(text)?.[1])).size).toBe(840);
  expect(found.bad.map(({ text }) => text)).toEqual(['}}', '{ "aws": { "cloudtrail":']);
  for (const size of [1000, 65_536]) expect(splitBody(body, size), `chunks of ${size}`).toEqual(found);
});

describe('a record over 64 MB', () => {
  const before = '{"a":1}\n{"a":2}\n';
  const after = '{"a":3}\n{"a":4}\n';

  test.each([
    ['70 MB in chunks', 70, 1024 * 1024, false],
    ['70 MB in one chunk', 70, 128 * 1024 * 1024, false],
    ['700 MB in chunks, with bounded memory', 700, 1024 * 1024, true],
  ])('%s', (_name, megabytes, chunkBytes, bounded) => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const whole = [
      Buffer.from(`${before}{"b":"`),
      ...Array<Buffer>(megabytes).fill(megabyte),
      Buffer.from(`"}\n${after}`),
    ];
    const chunks = chunkBytes > megabyte.length ? [Buffer.concat(whole)] : whole;
    const told: string[] = [];
    const memory = split(chunks, told);
    const bad = 'bad: a record is larger than 64 MB';
    expect(told).toEqual(['{"a":1}', '{"a":2}', bad, '{"a":3}', '{"a":4}']);
    if (bounded) expect(memory).toBeLessThan(5 * MAX_RECORD_BYTES);
  });

  test('fails a list as a whole', () => {
    const chunks = ['[{"a":1},{"b":"', 'x'.repeat(MAX_RECORD_BYTES), 'x', '"}]'].map((text) => Buffer.from(text));
    expect(splitChunks(chunks).broken).toBe('a record is larger than 64 MB');
  });

  test('a list of records over 64 MB is read as it comes, wherever it stands', () => {
    const record = `{"b":"${'x'.repeat(1024 * 1024)}"}`;
    const list = Buffer.from(`[${Array<string>(80).fill(record).join(',')}]\n`);
    const chunks = [
      Buffer.from(before),
      ...[0, 1, 2, 3].map((n) => list.subarray(n << 25, (n + 1) << 25)),
      Buffer.from(after),
    ];
    const told: string[] = [];
    split(chunks, told);
    expect(told.map((text) => text.length)).toEqual([7, 7, ...Array<number>(80).fill(record.length), 7, 7]);
  });
});

/** Splits without keeping the bytes of what was found; answers how much memory in buffers that took at most. */
function split(chunks: readonly Uint8Array[], told: string[]): number {
  const splitter = new RecordSplitter(new JsonScanner(new ShapeTree()), {
    value: ({ bytes, start, end }) => void told.push(Buffer.from(bytes.subarray(start, end)).toString('latin1')),
    bad: (_span, reason) => void told.push(`bad: ${reason}`),
  });
  const before = process.memoryUsage().arrayBuffers;
  let peak = before;
  for (const chunk of chunks) {
    splitter.push(chunk, false);
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  splitter.push(new Uint8Array(0), true);
  return peak - before;
}

/** Records with everything in them that looks like the end of one. */
function ownRecords(): string[] {
  return [
    '{"a":1}',
    '{"a":"}{","b":"[{\\"x\\":1}]"}',
    '{"a":{"Records":[{"b":1}]},"b":[[{}],[]]}',
    '{"text":"line\\nline","n":-1.5e-7,"e":"\\u00e9\\ud83d\\ude00é😀"}',
    '{"a":[],"b":{},"c":null,"d":true,"e":false,"f":0}',
    `{"long":"${'0123456789'.repeat(3000)}"}`,
    '{"":""}',
  ];
}

/** One body that holds the records in this order, in containers and with blanks that chance chooses. */
function pack(records: readonly string[], chance: Chance): string {
  let body = '';
  for (let at = 0; at < records.length;) {
    const count = 1 + chance.below(records.length - at);
    body += packGroup(records.slice(at, at + count), chance);
    at += count;
    body += chance.pick(['\n', '\r\n', '\n\n', ' \n', ',\n', '']);
  }
  return body;
}

function packGroup(records: readonly string[], chance: Chance): string {
  const pretty = chance.hits(0.3);
  const texts = pretty
    ? records.map((record) => JSON.stringify(JSON.parse(record), null, chance.pick([1, 2, '\t'])))
    : records;
  const blank = (): string => chance.pick(['', '', ' ', '\n', '\r\n', '\t', '\n  ']);
  const list = (): string => `[${blank()}${texts.join(`${blank()},${blank()}`)}${blank()}]`;
  const key = chance.pick(['Records', 'Events', 'logEvents']);
  const behind = chance.pick(['', ',"n":1234567', ', "x": {"y": [1, 2]}, "s": "]}"', ',"Events":[]']);
  const ahead = chance.pick(['', '"owner":"o",', '"n":{"Records":[{"a":1}]}, "m":[{}],', '"Events":[],']);
  const envelope = (): string => `{${blank()}${ahead}"${key}"${blank()}:${blank()}${list()}${behind}${blank()}}`;
  switch (chance.below(7)) {
    case 0:
      return texts.join(chance.pick(['\n', '\r\n', '\n\n', '  \n ']));
    case 1:
      return texts.join('');
    case 2:
      return texts.join(chance.pick([',', ',\n', ' , ']));
    case 3:
      return list();
    case 4:
      return envelope();
    case 5:
      return `[${blank()}${envelope()}${blank()}]`;
    default:
      return `[${texts.map((text) => `{"${key}":[${text}]}`).join(',')}]`;
  }
}

function randomChunks(body: Uint8Array, chance: Chance): Uint8Array[] {
  const largest = chance.pick([3, 40, 1000, 20_000, 1_000_000]);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const size = 1 + chance.below(largest);
    chunks.push(new Uint8Array(body.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}
