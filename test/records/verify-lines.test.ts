import { describe, expect, test } from 'vitest';
import type { JsonScanner } from '../../src/records/json-scanner.js';
import { shapeKeys, ShapeTree } from '../../src/records/record-shapes.js';
import { LineVerifier } from '../../src/records/verify-lines.js';
import { mutateJson } from './mutate-json.js';
import { seededChance, type Chance } from './seeded-chance.js';
import { readRealRecords } from './shared-data.js';
import { cutIntoChunks, splitBody } from './split-body.js';

const GOOD = [
  '{"a":1}',
  '{}',
  '{"a":"\\u00e9é😀","b":[{"c":null}]}',
  '{"a":"}{","b":-0.1e5}',
  '{"x":"\\ud83d\\ude00"}',
];
/** Lines that are no plain record, and some that are no JSON. */
const ODD = [
  ...[
    '',
    ' {"a":1}',
    '{"a":1} ',
    '{"a":1},',
    '{"a":1}{"b":2}',
    '{"a":1}\r',
    '{"a":-}',
    '{"a":"\\ud800"}',
    '{"a":"\\u0000"}',
  ],
  ...['[{"a":1}]', '[]', '1', 'null', '"a"', '{"Records":[{"a":1}]}', '{"a":1,"Events":[ {"b":2}]}', '{"Records":[]}'],
  ...[
    '{"a":x}',
    '{"a":',
    '{',
    '}',
    '[',
    '{"a":1}x',
    'text',
    '{"a":01}',
    '{"a":1,}',
    '{"a":"\t"}',
    "{'a':1}",
    '\ufeff{"a":1}',
  ],
];

describe('accepts exactly the bodies in which the splitter finds one record a line', () => {
  const real = readRealRecords().slice(0, 100);

  test.each(Array.from({ length: 40 }, (_, i) => i + 1))('50 bodies, seed %i', (seed) => {
    const chance = seededChance(seed);
    let accepted = 0;
    for (let n = 0; n < 50; n++) {
      const body = randomBody([...GOOD, ...real], chance);
      const expected = isOneRecordALine(body);
      for (const size of [1 + chance.below(50), 1000, 1_000_000]) {
        expect(verify(body, size), `seed ${seed}, body ${n}, chunks of ${size}: ${body.toString('latin1')}`).toBe(
          expected,
        );
      }
      accepted += Number(expected);
    }
    expect(accepted).toBeGreaterThan(5);
    expect(accepted).toBeLessThan(45);
  });

  test.each(ODD)('a line %j between others', (line) => {
    const body = Buffer.from(`{"a":1}\n${line}\n{"a":2}\n`);
    // An empty list is no list to open: the line is a record like others.
    expect(verify(body, 7)).toBe(line === '{"Records":[]}');
    expect(isOneRecordALine(body)).toBe(line === '{"Records":[]}');
  });
});

test.each<[string, Buffer, boolean]>([
  ['nothing', Buffer.alloc(0), true],
  ['a blank line', Buffer.from('\n'), false],
  ['a last line without its end', Buffer.from('{"a":1}\n{"a":2}'), true],
  ['a last line that is cut', Buffer.from('{"a":1}\n{"a":2'), false],
  ['a byte order mark', Buffer.from('\ufeff{"a":1}\n'), false],
  ['no UTF-8', Buffer.from('{"a":"\xff"}\n', 'latin1'), false],
  ['no UTF-8 in the last line', Buffer.from('{"a":1}\n{"a":"\xff"}', 'latin1'), false],
  ['a character over two chunks', Buffer.from('{"é":"😀"}\n'), true],
  ['a record of 8 MB', Buffer.from(`{"a":"${'x'.repeat(8 * 1024 * 1024 - 8)}"}\n`), true],
  ['a record over 8 MB', Buffer.from(`{"a":"${'x'.repeat(8 * 1024 * 1024)}"}\n`), false],
])('%s', (_name, body, accepted) => {
  for (const size of body.length > 1000 ? [1 << 20, 1 << 25] : [1, 3, 1000]) expect(verify(body, size)).toBe(accepted);
});

describe('the caller', () => {
  test('sees each record and may refuse it', () => {
    const seen: string[][] = [];
    const accepts = (scanner: JsonScanner): boolean => {
      seen.push(shapeKeys(scanner.shape));
      return scanner.count < 2;
    };
    const verifier = new LineVerifier({ shapes: new ShapeTree(), accepts });
    expect(verifier.push(Buffer.from('{"a":1}\n{"b":2}\n{"c":'), false)).toBe(true);
    expect(verifier.records).toBe(2);
    expect(verifier.push(Buffer.from('3,"d":4}\n{"e":5}\n'), true)).toBe(false);
    expect(seen).toEqual([['a'], ['b'], ['c', 'd']]);
  });
});

function verify(body: Uint8Array, chunkBytes: number): boolean {
  const verifier = new LineVerifier({ shapes: new ShapeTree(), accepts: () => true });
  const accepted = cutIntoChunks(body, chunkBytes).every((chunk) => verifier.push(chunk, false));
  if (!accepted || !verifier.push(new Uint8Array(0), true)) return false;
  expect(verifier.records).toBe(splitBody(body).values.length);
  return true;
}

/** Judged by the splitter: each line is one value, from its first byte to its last, that the engine reads as we do. */
function isOneRecordALine(body: Buffer): boolean {
  const text = body.toString('latin1');
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const { values, bad, broken } = splitBody(body);
  if (broken !== undefined || bad.length > 0 || values.length !== lines.length) return false;
  return values.every(({ text: value }, i) => value === lines[i] && /^\{[^\r]*$/.test(value) && !hasOddEscape(value));
}

function hasOddEscape(text: string): boolean {
  const units = text.replaceAll(/\\[^u]/g, '').replaceAll(/\\ud[89ab]..\\ud[c-f]../gi, '');
  return /\\u(0000|d[89a-f])/i.test(units);
}

function randomBody(good: readonly string[], chance: Chance): Buffer {
  const oddity = chance.pick([0, 0, 0.1, 0.4]);
  const lines = Array.from({ length: 1 + chance.below(8) }, () => {
    if (!chance.hits(oddity)) return chance.pick(good);
    return chance.hits(0.5) ? chance.pick(ODD) : mutateJson(chance.pick(good), good, chance);
  });
  return Buffer.from(lines.join('\n') + chance.pick(['', '\n']));
}
