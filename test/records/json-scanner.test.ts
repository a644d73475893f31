import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CONTAINER, JsonScanner, MAX_KEYS } from '../../src/records/json-scanner.js';
import { CUT, INVALID, KIND, MAX_DEPTH } from '../../src/records/value-scanner.js';
import { shapeKeys, ShapeTree } from '../../src/records/record-shapes.js';
import { mutateJson } from './mutate-json.js';
import { seededChance, type Chance } from './seeded-chance.js';
import { HAS_SHARED_DATA, readRealRecords, readSuiteCases } from './shared-data.js';

const SEEDS = [1, 2, 3, 4];
const DOCUMENTS_PER_SEED = 10_000;

const OWN_DOCUMENTS = [
  '{"a":1,"b":"x","c":[1,2,{"d":null}],"e":{"f":true},"g":-1.5e3,"h":"\\u00e9\\n","i":false}',
  '{ "a" : "\\ud83d\\ude00" , "b" : 0 , "c" : [ ] , "d" : { } , "":"" }',
  '{"a":-,"b": - ,"c":-}',
  '{"a":{"a":{"a":[[[["\\\\","\\"",""]]]]}},"a":2,"__proto__":{"x":1}}',
  '[1,"two",null,[true,false],{"a":-0}]',
  '{"n":999999999999999,"m":1000000000000000,"k":-999999999999999,"z":1.0,"y":1E-7}',
  '"text"',
  '-12.5',
  '  {"a":1}  ',
];

const scanner = new JsonScanner(new ShapeTree());

describe('against JSON.parse', () => {
  const suite = readSuiteCases().filter(({ body }) => body.length < 10_000);
  const bases = [
    ...OWN_DOCUMENTS,
    ...suite.map(({ body }) => body.toString('utf8')),
    ...readRealRecords().slice(0, 300),
  ];

  test.each(bases.map((text, i) => [i, text] as const))('document %i, as it is', (i, text) => {
    judge(text, `document ${i}`, seededChance(i));
  });

  test.each(SEEDS)(`${DOCUMENTS_PER_SEED} changed documents, seed %i`, (seed) => {
    const chance = seededChance(seed);
    let accepted = 0;
    for (let n = 0; n < DOCUMENTS_PER_SEED; n++) {
      const text = mutateJson(chance.pick(bases), bases, chance);
      accepted += Number(judge(text, `seed ${seed}, document ${n}`, chance));
    }
    // Otherwise the changes are too coarse to try both verdicts.
    expect(accepted / DOCUMENTS_PER_SEED).toBeGreaterThan(0.1);
    expect(accepted / DOCUMENTS_PER_SEED).toBeLessThan(0.9);
  });

  test.each([
    '"#"',
    '"\\#"',
    '"\\u00#0"',
    '{"#":1}',
    '{"a":#}',
    '{"a":1#}',
    '{"a":1#"b":2}',
    '1#',
    '-#',
    '1.#',
    '1e#',
    '[#]',
    '[1#2]',
    '#1',
  ])('every character for # in %s', (text) => {
    for (let code = 0; code < 0x250; code++) {
      judge(
        text.replace('#', () => String.fromCharCode(code)),
        `character ${code}`,
        seededChance(code),
      );
    }
  });

  test.skipIf(!HAS_SHARED_DATA)('real records and JSONTestSuite are among them (needs ../shared)', () => {
    expect(bases.length).toBeGreaterThan(OWN_DOCUMENTS.length + 300 + 300);
  });
});

describe('limits', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const withKeys = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join(',')}}`;

  test.each([
    ['an array as deep as allowed', nested(MAX_DEPTH), true],
    ['an array one deeper', nested(MAX_DEPTH + 1), false],
    ['a record as deep as allowed', `{"a":${nested(MAX_DEPTH - 1)}}`, true],
    ['a record one deeper', `{"a":${nested(MAX_DEPTH)}}`, false],
    ['objects as deep as allowed', '{"a":'.repeat(MAX_DEPTH) + '1' + '}'.repeat(MAX_DEPTH), true],
    ['objects one deeper', '{"a":'.repeat(MAX_DEPTH + 1) + '1' + '}'.repeat(MAX_DEPTH + 1), false],
    ['100,000 open brackets', '['.repeat(100_000), false],
    ['as many keys as allowed', withKeys(MAX_KEYS), true],
    ['one key more', withKeys(MAX_KEYS + 1), false],
  ])('%s', (_name, text, accepted) => {
    expect(scan(text)).toBe(accepted ? text.length : INVALID);
    if (!accepted) expect(scanner.reason).toMatch(/^(nested deeper than 512 levels|more than 10000 keys)$/);
  });

  test('the keys of a record with as many as allowed are all noted', () => {
    const text = withKeys(MAX_KEYS);
    scan(text);
    const last = MAX_KEYS - 1;
    expect(scanner.count).toBe(MAX_KEYS);
    expect(text.slice(scanner.keyStart[last], scanner.keyEnd[last])).toBe(`k${last}`);
    expect(text.slice(scanner.valueStart[last], scanner.valueEnd[last])).toBe(`${last}`);
  });
});

describe('bare dashes', () => {
  test.each([
    ['{"a":-}', 1],
    ['{"a":-,"b":1}', 1],
    ['{"a":- ,"b":-\t}', 2],
    ['{"a": -\r\n}', 1],
    ['{"a":-1}', 0],
  ])('%j has %i', (text, dashes) => {
    expect(scan(text)).toBe(text.length);
    expect(scanner.dashes).toBe(dashes);
    expect([...scanner.kind.subarray(0, scanner.count)].filter((kind) => kind === KIND.dash)).toHaveLength(dashes);
  });

  test.each(['{"a":{"b":-}}', '{"a":[-]}', '{"a":--}', '{"a":- 1}', '{-:1}', '[-]', '{"a":-]'])(
    '%j is no JSON with dashes',
    (text) => {
      expect(scan(text)).toBe(INVALID);
    },
  );
});

describe('lists of records', () => {
  test.each([
    ['{"Records":[{"a":1}]}', 12],
    ['{"x":{"Records":[{}]},"Events": [ {"a":1}]}', 33],
    ['{"logEvents":[\n{', 14],
  ])('%j stops behind the bracket', (text, at) => {
    const bytes = Buffer.from(text);
    expect(scanner.scan(bytes, 0, bytes.length, true)).toBe(CONTAINER);
    expect(scanner.containerAt).toBe(at);
  });

  test.each([
    ['{"Records":[1,{"a":1}]}', 'holds no objects'],
    ['{"Records":[]}', 'holds nothing'],
    ['{"Records":{"a":[{}]}}', 'is no list'],
    ['{"records":[{}]}', 'has another name'],
    ['{"a":{"Records":[{}]}}', 'lies deeper'],
  ])('%j does not: it %s', (text) => {
    const bytes = Buffer.from(text);
    expect(scanner.scan(bytes, 0, bytes.length, true)).toBe(bytes.length);
  });

  test('only on request', () => {
    expect(scan('{"Records":[{"a":1}]}')).toBe(21);
  });
});

test.each(['{"a":"\xff"}', '"\x80"'])('UTF-8 is left to the reader: %j', (text) => {
  const bytes = Buffer.from(text, 'latin1');
  expect(scanner.scan(bytes, 0, bytes.length)).toBe(bytes.length);
});

test.each([
  ['"abc": 1', 5],
  ['"a\\"b"', 6],
  ['"abc', CUT],
  ['"a\\', CUT],
  ['abc"', INVALID],
  ['"a\nb"', INVALID],
])('one string of %j', (text, next) => {
  expect(scanner.scanString(Buffer.from(text), 0, text.length)).toBe(next);
});

function scan(text: string): number {
  const bytes = Buffer.from(text);
  return scanner.scan(bytes, 0, bytes.length);
}

/** Compares everything that the scanner says of a text with what JSON.parse sees; true where the text was accepted. */
function judge(raw: string, name: string, chance: Chance): boolean {
  const text = Buffer.from(raw)
    .toString('utf8')
    .replace(/^[ \t\r\n]+/, '');
  const bytes = Buffer.from(text);
  const next = bytes.length === 0 ? CUT : scanner.scan(bytes, 0, bytes.length);
  const { dashes, reason, multiline } = scanner;
  const accepted = next >= 0 && scanner.skipSpace(next) === bytes.length;
  const told = `${name}: ${JSON.stringify(text)}`;
  if (next === INVALID && /^(nested deeper|more than \d+ keys)/.test(reason)) return false;
  if (accepted && dashes > 0) {
    expect(parse(withoutDashes(bytes)), told).toBeDefined();
    return true;
  }
  const expected = parse(text);
  expect(accepted, told).toBe(expected !== undefined);
  if (expected !== undefined) {
    expect(multiline, told).toBe(bytes.subarray(0, next).some((byte) => byte === 0x0a || byte === 0x0d));
    expectNotes(bytes, next, expected, told);
  }
  expectSameInside(bytes, next, told);
  if (accepted && (bytes[0] === 0x7b || bytes[0] === 0x5b)) {
    const cut = chance.below(next - 1) + 1;
    expect(scanner.scan(bytes, 0, cut), `cut at ${cut}: ${told}`).toBe(CUT);
  }
  return accepted;
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** The bytes around a value do not matter, whatever they are. */
function expectSameInside(bytes: Buffer, next: number, told: string): void {
  for (const around of ['0', '"', '}', ' \\', ']'.repeat(20)]) {
    const embedded = Buffer.concat([Buffer.from(around), bytes, Buffer.from(around)]);
    const start = around.length;
    if (bytes.length === 0) continue;
    const found = scanner.scan(embedded, start, start + bytes.length);
    expect(found < 0 ? found : found - start, `between ${around}: ${told}`).toBe(next);
  }
}

/** The members lie where the notes say, with the kinds that they have. */
function expectNotes(bytes: Buffer, end: number, { value }: { value: unknown }, told: string): void {
  const own = bytes.toString('utf8', 0, end);
  expect(scanner.oddEscape, told).toBe(hasOddEscape(own));
  if (bytes[0] !== 0x7b) {
    expect(scanner.count, told).toBe(0);
    return;
  }
  const members = new Map<string, unknown>();
  const keys: string[] = [];
  for (let i = 0; i < scanner.count; i++) {
    const key = JSON.parse(`"${bytes.toString('utf8', scanner.keyStart[i], scanner.keyEnd[i])}"`) as string;
    const raw = bytes.toString('utf8', scanner.valueStart[i], scanner.valueEnd[i]);
    expect(scanner.kind[i], told).toBe(kindOf(raw));
    members.set(key, JSON.parse(raw));
    keys.push(key);
  }
  expect(isDeepStrictEqual(members, new Map(Object.entries(value as object))), told).toBe(true);
  expect(shapeKeys(scanner.shape), told).toEqual(keys);
}

function kindOf(raw: string): number {
  if (raw.startsWith('"')) return raw.includes('\\') ? KIND.escaped : KIND.string;
  if (/^(0|-?[1-9]\d{0,14})$/.test(raw)) return KIND.integer;
  if (/^-?\d/.test(raw)) return KIND.number;
  return { t: KIND.true, f: KIND.false, n: KIND.null, '{': KIND.object, '[': KIND.array }[raw[0]!] ?? 0;
}

function hasOddEscape(text: string): boolean {
  const units = text.replaceAll(/\\[^u]/g, '').replaceAll(/\\ud[89ab]..\\ud[c-f]../gi, '');
  return /\\u(0000|d[89a-f])/i.test(units);
}

/** The text with null for every dash that the scanner noted. */
function withoutDashes(bytes: Buffer): string {
  let text = '';
  let at = 0;
  for (let i = 0; i < scanner.count; i++) {
    if (scanner.kind[i] !== KIND.dash) continue;
    text += `${bytes.toString('utf8', at, scanner.valueStart[i])}null`;
    at = scanner.valueEnd[i]!;
  }
  return text + bytes.toString('utf8', at);
}
