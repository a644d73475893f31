import { describe, expect, test } from 'vitest';
import { BrokenContainer } from '../../src/records/broken-container.js';
import { readRecords, type BodyListener } from '../../src/records/read-records.js';
import { ShapeTree } from '../../src/records/record-shapes.js';
import { cutIntoChunks } from './split-body.js';
import { each } from './tell-all.js';

const BODY_BYTES = 4 * 1024 * 1024;
/** Reading each of these takes less than a second. Where the time grows with the square of the size it takes minutes. */
const PATIENCE = 15_000;

const fill = (piece: string): string => piece.repeat(Math.ceil(BODY_BYTES / piece.length));
const numbered = (piece: (n: number) => string): string => {
  const average = piece(500_000).length;
  return Array.from({ length: BODY_BYTES / average }, (_, n) => piece(n)).join('');
};

const BODIES: Readonly<Record<string, string>> = {
  'open brackets': fill('['),
  'open brackets, one a line': fill('[\n'),
  'open objects': fill('{"a":'),
  'open objects, one a line': fill('{"a":\n'),
  'open objects without keys': fill('{'),
  'open objects without keys, one a line': fill('{\n'),
  'open lists of records': fill('{"Records":['),
  'open lists of records, one a line': fill('{"Records":[\n'),
  'open lists of records behind a record': `{"a":1}\n${fill('{"Records":[\n')}`,
  'open lists of one record each, behind a record': `{"a":1}\n${fill('[{"a":1},\n')}`,
  'open shippers in a list': `[{"a":1},\n${fill('{"aws":{"cloudtrail":{"a":\n')}`,
  quotes: fill('"'),
  'quotes, one a line': fill('"\n'),
  backslashes: fill('\\'),
  'backslashes in a string': `{"a":"${fill('\\')}`,
  'closing and opening': fill('}{'),
  'closing and opening, one a line': fill('}{\n'),
  'brackets that close and open': fill(']['),
  blanks: fill(' '),
  'blanks before a record': `${fill(' ')}{"a":1}`,
  'blanks inside a record': `{"a":1}\n{"a":${fill(' ')}`,
  'blanks before each bad record': fill(`${' '.repeat(2000)}{"a":x}\n`),
  commas: fill(','),
  'empty objects': fill('{}'),
  'empty lists': fill('[]'),
  numbers: fill('1\n'),
  'one number': fill('1'),
  'minus signs': fill('-'),
  zeros: Buffer.alloc(BODY_BYTES).toString('latin1'),
  'bad records, one a line': fill('{"a":x}\n'),
  'bad records with nothing between': fill('{"a":x}'),
  'bad records with commas between': fill('{"a":x},'),
  'cut records, one a line': fill('{"a":[{"b":\n'),
  'cut strings, one a line': fill('{"a":"b\n'),
  'records with text behind, one a line': fill('{"a":1}x\n'),
  'records with text behind': fill('{"a":1}x'),
  'text, one a line': fill('some text\n'),
  text: fill('some text '),
  'bad elements in a list on one line': `[{"a":1},${fill('{"a":x},')}{"a":1}]`,
  'bad words in a list on one line': `[{"a":1},${fill('x,')}{"a":1}]`,
  'text behind elements on one line': `[{"a":1}${fill(',{"a":1}x')}]`,
  'commas in a list': `[{"a":1}${fill(',')}{"a":1}]`,
  'bad elements in a list, one a line': `[{"a":1},\n${fill('{"a":x},\n')}{"a":1}]`,
  'cut elements in a list, one a line': `[\n{"a":1},\n${fill('{"a":[{"b":\n')}{"a":1}]`,
  'cut strings in a list, one a line': `[\n{"a":1},\n${fill('{"a":"b},\n')}{"a":1}]`,
  'a list that is not closed': `[{"a":1}${fill(',{"a":1}')}`,
  'a list that is not closed, behind a record': `{"a":1}\n[{"a":1}${fill(',{"a":1}')}`,
  'a long tail behind a list': `{"Records":[{"a":1}]${fill(',"a":"b"')}}`,
  'one string': `{"a":"${fill('text ')}"}`,
  'one string of escapes': `{"a":"${fill('\\u00e9')}"}`,
  'one list of numbers': `{"a":[${fill('12,')}1]}`,
  'first keys that are all different': numbered((n) => `{"key${n}":1}\n`),
  'second keys that are all different': numbered((n) => `{"a":1,"key${n}":1}\n`),
  'long keys that are all different': numbered((n) => `{"${'k'.repeat(5000)}${n}":1}\n`),
  'records of too many keys': fill(`{${Array.from({ length: 11_000 }, (_, n) => `"k${n}":1`).join(',')}}\n`),
  'SNS around a string of nothing': fill('{"Type":"Notification","MessageId":"1","Message":""}\n'),
  'lines of another format': fill('a line of text\n'),
  'one line of another format': `a line\n${fill('text ')}`,
};

describe.each(Object.entries(BODIES))('10 MB of %s', (name, text) => {
  const body = Buffer.from(text, 'latin1');

  test('in chunks of 16 KB', { timeout: PATIENCE }, async () => {
    expect((await countTold(cutIntoChunks(body, 16 * 1024))) > 0).toBe(holdsAnything(name, text));
  });

  test('the first 3 MB in one chunk', { timeout: PATIENCE }, async () => {
    const first = body.subarray(0, 3 * 1024 * 1024);
    expect((await countTold([first])) > 0).toBe(holdsAnything(name, first.toString('latin1')));
  });
});

/** Of blank space, commas and empty lists nothing is told. */
function holdsAnything(name: string, text: string): boolean {
  return /[^\s,]/.test(text) && name !== 'empty lists';
}

/** How many records and bad pieces a body has; a broken container counts as one more. */
async function countTold(chunks: readonly Uint8Array[]): Promise<number> {
  const count = { told: 0 };
  try {
    await readRecords(each(chunks), new ShapeTree(), countingListener(count));
  } catch (error) {
    expect(error).toBeInstanceOf(BrokenContainer);
    count.told++;
  }
  return count.told;
}

function countingListener(count: { told: number }): BodyListener {
  const tell = (): void => void count.told++;
  return {
    recognise: () => ({ kind: 'target', target: { takesDashes: false, record: tell } }),
    quarantined: tell,
    unrecognised: tell,
    passedOver: tell,
    repaired: tell,
    lineFormats: [{ fits: (line) => line.startsWith('a line'), take: tell }],
  };
}
