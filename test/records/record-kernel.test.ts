import { describe, expect, test } from 'vitest';
import { RecordKernel, type RowColumn, type RowSink } from '../../src/records/record-kernel.js';
import { ShapeTree } from '../../src/records/record-shapes.js';
import { DAMAGED_LINES } from '../dataset/damaged-lines.js';
import { callLines, recordedCall } from '../dataset/recorded-calls.js';
import { mutateJson } from './mutate-json.js';
import { readBodies, type ReadBodies } from './read-both-ways.js';
import { seededChance } from './seeded-chance.js';
import { HAS_SHARED_DATA, readRealRecords, readSuiteCases } from './shared-data.js';

const GOOD = callLines(20);
const SEEDS = [1, 2, 3, 4, 5, 6];
const SHARED_DATA_ABSENT = HAS_SHARED_DATA ? '' : ' (skipped: ../shared is not beside the checkout)';

/** Reads the bodies with the kernel and without it, and expects the same rows and the same verdicts. */
async function readBothWays(
  bodies: readonly (string | Uint8Array)[],
  about: string,
  chunkBytes?: number,
): Promise<ReadBodies> {
  const bytes = bodies.map((body) => (typeof body === 'string' ? Buffer.from(body) : body));
  const size = chunkBytes === undefined ? {} : { chunkBytes };
  const fast = await readBodies(bytes, { kernel: true, ...size });
  const careful = await readBodies(bytes, { kernel: false, ...size });
  expect(fast.told, about).toEqual(careful.told);
  expect(fast.staged, about).toEqual(careful.staged);
  return fast;
}

/** The pieces with line feeds between them, good lines before and behind. */
function lines(...pieces: readonly (string | Uint8Array)[]): Buffer {
  const all = [...GOOD.slice(0, 10), ...pieces, ...GOOD.slice(10)];
  return Buffer.concat(all.flatMap((piece) => [Buffer.from(piece), Buffer.from('\n')]));
}

/** The same as elements of a list. */
function list(...pieces: readonly (string | Uint8Array)[]): Buffer {
  const all = [...GOOD.slice(0, 10), ...pieces, ...GOOD.slice(10)];
  const parts = all.flatMap((piece, i) => [Buffer.from(i === 0 ? '{"Records":[' : ','), Buffer.from(piece)]);
  return Buffer.concat([...parts, Buffer.from(']}')]);
}

describe('against the careful reader', () => {
  test('good lines are nearly all taken', async () => {
    const body = `${callLines(2000).join('\n')}\n`;
    const { byKernel, told } = await readBothWays([body, body], 'good lines');
    expect(byKernel).toBeGreaterThan(1.99 * Buffer.byteLength(body));
    expect(told).toEqual([]);
  });

  test.each([
    ['nothing between them', GOOD.join('')],
    ['CRLF', `${GOOD.join('\r\n')}\r\n`],
    ['blanks around', GOOD.map((line) => ` ${line}\t\n\n`).join('')],
    ['no line feed at the end', GOOD.join('\n')],
    ['an array', `[${GOOD.join(',')}]`],
    ['an array over lines', `[\n${GOOD.join(',\n')}\n]\n`],
    ['an indented array', `[\n  ${GOOD.join(',\n  ')}\n]\n`],
    ['an envelope', `{"Records":[${GOOD.join(' , ')}]}`],
    ['an envelope with something behind', `{"Records":[${GOOD.join(',')}],"more":{"a":1}}\n`],
    ['an array that is cut', `[${GOOD.join(',')}`],
    ['an array with a comma at its end', `[${GOOD.join(',')},]`],
    ['an array with garbage behind', `[${GOOD.join(',')}] x`],
    ['pretty-printed', GOOD.map((line) => JSON.stringify(JSON.parse(line), undefined, 2)).join('\n')],
  ])('records with %s', async (about, body) => {
    for (const chunkBytes of [undefined, 1000, 97]) await readBothWays([body, body], about, chunkBytes);
  });

  test('a broken element between good ones of different indents', async () => {
    const [g1, g2, g3, g4] = GOOD;
    const body = `[\n${g1},\n    ${g2},\n{"service":"s3",\n"x":{ bad\n    ${g3},\n${g4}\n]\n`;
    const { staged } = await readBothWays([lines(), body, body], 'indents');
    expect(JSON.stringify(staged)).toContain('Good2');
  });

  test.each(Object.entries(DAMAGED_LINES))('%s', async (about, line) => {
    await readBothWays([lines(), lines(line, line), list(line), lines(line)], about);
  });

  test(`every body of JSONTestSuite, as a line, an element and a value${SHARED_DATA_ABSENT}`, async () => {
    const values = readSuiteCases().flatMap(({ body }) => [
      body,
      ...['status_code', 'request', 'more'].map((field) =>
        Buffer.concat([
          Buffer.from(`{"service":"s3","operation":"Case","session_id":"1","${field}":`),
          body,
          Buffer.from('}'),
        ]),
      ),
    ]);
    for (const value of values) {
      await readBothWays([lines(value, value), list(value)], `the value ${value.subarray(0, 200).toString('latin1')}`);
    }
  });

  test.each([
    '"#"',
    '"\\#"',
    '"\\u00#0"',
    '"\\u#000"',
    '"\\ud8#0\\udc00"',
    '"\\ud800\\ud#00"',
    '#',
    '1#',
    '-#',
    '1.#',
    '1e#',
    '0#',
    '[#]',
    '[1#2]',
    '{"#":1}',
    '{#}',
    'tru#',
    '1#"more":2',
  ])('every character for # in %s, as text, as JSON, in an unknown key', async (pattern) => {
    const characters = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code));
    const tried = ['user_agent', 'request', 'status_code', 'more'].flatMap((field) =>
      characters.map(
        (character) =>
          `{"service":"s3","operation":"Case","session_id":"1","${field}":${pattern.replace('#', () => character)}}`,
      ),
    );
    const taught = tried
      .slice(0, 1)
      .concat(
        ['user_agent', 'request', 'status_code', 'more'].map(
          (field) => `{"service":"s3","operation":"Case","session_id":"1","${field}":null}`,
        ),
      );
    // Good records between them, so that each is tried: after one that was refused the kernel pauses.
    const spaced = tried.flatMap((line) => [line, ...GOOD.slice(0, 3)]);
    await readBothWays([lines(...taught), lines(...spaced), list(...spaced)], pattern);
  });

  test.each([499, 500, 501, 511, 512, 513, 5000])('values %i deep', async (depth) => {
    const objects = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const arrays = `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    const tried = [objects, arrays].map((value) => `{"service":"s3","operation":"Case","more":${value}}`);
    await readBothWays(
      [lines('{"service":"s3","operation":"Case","more":1}'), lines(...tried), list(...tried)],
      `${depth} deep`,
    );
  });

  test.each(SEEDS)('changed records, seed %i', async (seed) => {
    const chance = seededChance(seed);
    const bases = [
      ...GOOD.slice(0, 5),
      ...readRealRecords().slice(0, 40),
      JSON.stringify(
        recordedCall(3, { request: '{"é":"\\u00e9\\/"}', event_id: 'e-3', user_agent: '\u{1f600}\u2028' }),
      ),
      JSON.stringify(recordedCall(4, { request: { a: [1, 2.5, { b: null }], c: 'x' }, request_id: 'r-4' })),
    ];
    for (let n = 0; n < 150; n++) {
      const changed = Array.from({ length: 12 }, () =>
        chance.hits(0.5) ? mutateJson(chance.pick(bases), bases, chance) : chance.pick(bases),
      );
      const body = chance.hits(0.5) ? lines(...changed, ...bases) : list(...changed, ...bases);
      const chunkBytes = chance.hits(0.5) ? undefined : 1 + chance.below(4000);
      await readBothWays([lines(...bases), body, body], `seed ${seed}, body ${n}`, chunkBytes);
    }
  });

  test('records larger than what is looked at in one call', async () => {
    const long = (bytes: number): string => JSON.stringify(recordedCall(1, { user_agent: 'x'.repeat(bytes) }));
    const body = lines(long(20_000), long(250_000), long(263_000), long(300_000), long(70_000), long(1_000_000));
    const { byKernel } = await readBothWays([lines(), body, body], 'long records');
    expect(byKernel).toBeGreaterThan(600_000);
  });

  test('two formats in turn', async () => {
    const visit = '{"event":"visit","user_id":"u","session_id":"s","timestamp":"2026-01-01T00:00:00Z","uri":"/"}';
    const body = GOOD.map((line) => `${line}\n${visit}\n${visit}\n`).join('');
    const { byKernel } = await readBothWays([body, body], 'two formats');
    expect(byKernel).toBeGreaterThan(Buffer.byteLength(body));
  });

  test('records of nearly as many keys as are allowed', async () => {
    const wide = (i: number): string => JSON.stringify(recordedCall(i, Object.fromEntries(keys)));
    const keys = Array.from({ length: 9000 }, (_, i) => [`k${i}`, i] as const);
    await readBothWays([lines(wide(1), wide(2)), list(wide(3))], 'many keys in a record');
  });

  test('more keys than there is room for', async () => {
    const odd = (i: number): string => JSON.stringify(recordedCall(i, { [`key-${'x'.repeat(200)}-${i}`]: i }));
    const body = Array.from({ length: 6000 }, (_, i) => odd(i)).join('\n');
    await readBothWays([body, body], 'many keys');
  });
});

describe('what is taken', () => {
  const columns: readonly RowColumn[] = [{ source: 0, isJson: false }];
  const run = { start: 0, inList: false, last: true };

  function taught(keys: readonly string[]): { kernel: RecordKernel; rows: string[] } {
    const tree = new ShapeTree();
    const shape = keys.reduce((node, key) => tree.step(node, Buffer.from(key), 0, Buffer.byteLength(key)), tree.root);
    const rows: string[] = [];
    const sink: RowSink = { addRows: (bytes) => void rows.push(Buffer.from(bytes).toString('utf8')) };
    const kernel = new RecordKernel();
    kernel.setFirstColumn('7');
    kernel.learn(shape, { sink, columns });
    return { kernel, rows };
  }

  test('nothing before something was taught', () => {
    const bytes = Buffer.from('{"a":1}\n');
    expect(new RecordKernel().take({ ...run, bytes, end: bytes.length })).toBeUndefined();
  });

  test('records of the keys that were taught, up to the first of others', () => {
    const { kernel, rows } = taught(['a', 'b']);
    const bytes = Buffer.from('{"a":"\\u00e9","b":1}\n{"a":2,"b":[{}]}\n{"a":1}\n');
    expect(kernel.take({ ...run, bytes, end: bytes.length })).toEqual({ next: 38, afterComma: false });
    expect(rows).toEqual(['7\x1fé\n7\x1f2\n']);
  });

  test('a record at the end only when nothing follows', () => {
    const bytes = Buffer.from('{"a":1}');
    const { kernel } = taught(['a']);
    expect(kernel.take({ ...run, bytes, end: bytes.length, last: false })).toBeUndefined();
    expect(taught(['a']).kernel.take({ ...run, bytes, end: bytes.length })).toEqual({ next: 7, afterComma: false });
  });

  test('no key that may hold the records of an envelope', () => {
    const bytes = Buffer.from('{"Records":1}\n');
    expect(taught(['Records']).kernel.take({ ...run, bytes, end: bytes.length })).toBeUndefined();
  });
});
