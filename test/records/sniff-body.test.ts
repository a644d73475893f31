import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sniffBody, SNIFF_BYTES, type BodyKind } from '../../src/records/sniff-body.js';

const KINDS: readonly (readonly [BodyKind, string, string])[] = [
  ['gzip', 'gzip', '1f8b'],
  ['zstd', 'zstd', '28b52ffd'],
  ['zstd', 'a skippable zstd frame, the first kind', '502a4d18'],
  ['zstd', 'a skippable zstd frame, the last kind', '5f2a4d18'],
  ['parquet', 'Parquet', '50415231'],
  ['parquet', 'Parquet with an encrypted footer', '50415245'],
  ['avro', 'Avro', '4f626a01'],
  ['orc', 'ORC', '4f5243'],
  ['zip', 'ZIP', '504b0304'],
  ['bzip2', 'bzip2', '425a68'],
  ['xz', 'xz', 'fd377a585a00'],
  ['utf16', 'UTF-16, little end first', 'fffe'],
  ['utf16', 'UTF-16, big end first', 'feff'],
];

describe.each(KINDS)('%s: %s', (kind, _name, hex) => {
  const magic = Buffer.from(hex, 'hex');

  test('by its first bytes', () => {
    expect(sniffBody(Buffer.concat([magic, Buffer.from('and the rest')]))).toBe(kind);
    expect(magic.length).toBeLessThanOrEqual(SNIFF_BYTES);
  });

  test('not by fewer', () => {
    expect(sniffBody(magic.subarray(0, magic.length - 1))).toBe('plain');
  });

  test('not by bytes further on', () => {
    expect(sniffBody(Buffer.concat([Buffer.from(' '), magic]))).toBe('plain');
  });
});

test.each(['', '{', '[{"a":1}]', '\ufeff{}', 'text', 'P', 'PAR', 'Obj', '\x1f', '(\xb5/\xfc'])('plain: %j', (text) => {
  expect(sniffBody(Buffer.from(text, 'latin1'))).toBe('plain');
});

test('what zlib writes', () => {
  expect(sniffBody(gzipSync(''))).toBe('gzip');
});
