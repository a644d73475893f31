import { describe, expect, test } from 'vitest';
import { rangeOf, type CallKind } from '../../src/calls/call-kind.js';
import { compareKinds } from '../../src/calls/compare-kinds.js';
import { DEFAULT_TOLERANCE, NO_TOLERANCE, parseTolerance } from '../../src/calls/tolerance.js';

const kind = (more: Partial<CallKind> = {}, ...values: (string | null)[]): CallKind => ({
  values: values.length === 0 ? ['s3', 'GetObject'] : values,
  ...more,
});

/** What has changed of one kind. */
function measures(base: Partial<CallKind>, head: Partial<CallKind>, tolerance = DEFAULT_TOLERANCE): unknown[] {
  return compareKinds([kind(base)], [kind(head)], tolerance).flatMap((one) =>
    one.measures.map(({ measure }) => measure),
  );
}

describe('kinds that both sides have', () => {
  test.each<[string, Partial<CallKind>, Partial<CallKind>, string[]]>([
    ['the same calls', { calls: 10n }, { calls: 10n }, []],
    ['a tenth more calls', { calls: 10n }, { calls: 11n }, []],
    ['a tenth less calls', { calls: 10n }, { calls: 9n }, []],
    ['more than a tenth', { calls: 10n }, { calls: 12n }, ['calls']],
    ['one call and two', { calls: 1n }, { calls: 2n }, ['calls']],
    ['no call and one', { calls: 0n }, { calls: 1n }, ['calls']],
    ['calls nobody counted', {}, { calls: 2n }, []],
    ['the same range', { range: '10-99' }, { calls: 99n }, []],
    ['another range', { range: '10-99' }, { calls: 100n }, ['calls']],
    ['a tenth of errors', { calls: 10n, errors: 0n }, { calls: 10n, errors: 1n }, []],
    ['two tenths of errors', { calls: 10n, errors: 0n }, { calls: 10n, errors: 2n }, ['errors']],
    ['fewer errors', { calls: 10n, errors: 5n }, { calls: 10n, errors: 0n }, ['errors']],
    ['the same latency', { latencyMs: 100 }, { latencyMs: 110 }, []],
    ['another latency', { latencyMs: 100 }, { latencyMs: 111 }, ['latency']],
    ['a latency of noise', { latencyMs: 0.1 }, { latencyMs: 0.9 }, []],
    ['a latency nobody took', {}, { latencyMs: 9 }, []],
  ])('%s', (_, base, head, expected) => expect(measures(base, head)).toEqual(expected));

  test('of a snapshot tolerate nothing in counts', () => {
    expect(measures({ calls: 1000n }, { calls: 1001n, errors: 9n, latencyMs: 3 }, NO_TOLERANCE)).toEqual(['calls']);
  });

  test('are told by their values, null among them, and sorted by these', () => {
    const base = [kind({}, 'b', null), kind({}, 'a', '1')];
    const head = [kind({}, 'b', ''), kind({}, 'a', '1'), kind({}, 'a', '2'), kind({}, 'A', 'z')];
    const found = compareKinds(base, head, DEFAULT_TOLERANCE).map(({ change, values }) => [change, ...values]);
    expect(found).toEqual([
      ['added', 'A', 'z'],
      ['added', 'a', '2'],
      ['removed', 'b', null],
      ['added', 'b', ''],
    ]);
  });
});

test.each([
  [undefined, DEFAULT_TOLERANCE],
  ['20%', { calls: 0.2, errors: 0.2, latency: 0.2 }],
  ['0%,latency=off', { calls: 0, errors: 0, latency: undefined }],
  ['calls=2.5%, errors = 5%', { calls: 0.025, errors: 0.05, latency: 0.1 }],
  ['off', { calls: undefined, errors: undefined, latency: undefined }],
])('the tolerance %s', (text, expected) => expect(parseTolerance(text)).toEqual(expected));

test.each(['', '20', '-1%', 'calls', 'speed=1%', 'calls=1%,', '1e3%', 'toString=1%'])('no tolerance: %j', (text) => {
  expect(() => parseTolerance(text)).toThrow(/^--tolerance cannot be read/);
});

test.each([
  [0n, '0'],
  [1n, '1-9'],
  [9n, '1-9'],
  [10n, '10-99'],
  [99_999n, '10000-99999'],
])('the range of %s', (calls, range) => expect(rangeOf(calls)).toBe(range));
