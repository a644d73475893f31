import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Zstd } from '@hpcc-js/wasm-zstd';
import { describe, expect, test } from 'vitest';
import { BrokenContainer } from '../../src/records/broken-container.js';
import { decodeBody, gunzipWhole, ParquetBody, type UnpackLimits } from '../../src/records/decode-body.js';
import { cutIntoChunks } from './split-body.js';
import { each } from './tell-all.js';

const MEBIBYTE = 1024 ** 2;
const zstd = await Zstd.load();
const zstdOf = (text: Uint8Array | string): Buffer => Buffer.from(zstd.compress(Buffer.from(text)));

describe('plain bodies pass', () => {
  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), ''],
    ['one byte', Buffer.from('x'), 'x'],
    ['one byte that begins a magic number', Buffer.from([0x1f]), '\x1f'],
    ['text', Buffer.from('{"a":1}\n'), '{"a":1}\n'],
    ['a byte order mark goes', Buffer.from('\ufeff{"a":1}'), '{"a":1}'],
    ['a byte order mark alone', Buffer.from('\ufeff'), ''],
    ['one byte order mark, not two', Buffer.from('\ufeff\ufeff{}'), '\u00ef\u00bb\u00bf{}'],
    ['no byte order mark further on', Buffer.from('{}\ufeff'), '{}\u00ef\u00bb\u00bf'],
  ])('%s', async (_name, body, text) => {
    for (const size of [1, 2, 5, 1000]) expect((await decode(cutIntoChunks(body, size))).toString('latin1')).toBe(text);
  });
});

describe('layers', () => {
  const text = '{"a":1}\n';
  test.each<[string, Buffer]>([
    ['gzip', gzipSync(text)],
    ['zstd', zstdOf(text)],
    ['gzip in gzip', gzipSync(gzipSync(text))],
    ['gzip in zstd', zstdOf(gzipSync(text))],
    ['zstd in gzip', gzipSync(zstdOf(text))],
    ['zstd in zstd', zstdOf(zstdOf(text))],
    ['a byte order mark in gzip in gzip', gzipSync(gzipSync(`\ufeff${text}`))],
  ])('%s', async (_name, body) => {
    for (const size of [1, 7, 1000]) expect(String(await decode(cutIntoChunks(body, size)))).toBe(text);
  });

  test.each<[string, Buffer]>([
    ['gzip three times', gzipSync(gzipSync(gzipSync(text)))],
    ['zstd in gzip in gzip', gzipSync(gzipSync(zstdOf(text)))],
  ])('%s is refused', async (_name, body) => {
    await expect(decode([body])).rejects.toThrow(new BrokenContainer('packed more than twice'));
  });

  test('damage inside is found', async () => {
    const inner = gzipSync(text);
    await expect(decode([gzipSync(inner.subarray(0, -1))])).rejects.toThrow('gzip: the data is cut off');
    await expect(decode([gzipSync(Buffer.concat([inner, Buffer.from('x')]))])).rejects.toThrow(BrokenContainer);
  });
});

describe('what is not supported says so', () => {
  test.each([
    ['Avro files are not supported', 'Obj\x01'],
    ['ORC files are not supported', 'ORC'],
    ['ZIP archives are not supported', 'PK\x03\x04'],
    ['bzip2 is not supported', 'BZh9'],
    ['xz is not supported', '\xfd7zXZ\0'],
    ['UTF-16 text is not supported', '\xff\xfe{\0}\0'],
    ['UTF-16 text is not supported', '\xfe\xff\0{\0}'],
  ])('%s', async (message, head) => {
    const body = Buffer.from(`${head} and more`, 'latin1');
    await expect(decode([body])).rejects.toThrow(new BrokenContainer(message));
    await expect(decode([gzipSync(body)])).rejects.toThrow(new BrokenContainer(message));
    await expect(decode(cutIntoChunks(body, 1))).rejects.toThrow(new BrokenContainer(message));
  });

  test('a Parquet file is for others to read', async () => {
    await expect(decode([Buffer.from('PAR1…')])).rejects.toBeInstanceOf(ParquetBody);
  });
});

describe('bombs', () => {
  const zeros = (bytes: number): Buffer => gzipSync(Buffer.alloc(bytes));
  const tooLarge = 'the object unpacks to far more than it should';

  test.each<[string, Buffer, UnpackLimits | undefined, boolean]>([
    ['10 MiB of zeros pass, whatever the ratio', zeros(10 * MEBIBYTE), undefined, true],
    ['more do not', zeros(10 * MEBIBYTE + 1), undefined, false],
    ['40 MiB, as a stream', gzipSync(Buffer.alloc(40 * MEBIBYTE)), { maxBytes: 1024 ** 3, maxRatio: 900 }, false],
    [
      '40 MiB under a higher ratio',
      gzipSync(Buffer.alloc(40 * MEBIBYTE)),
      { maxBytes: 1024 ** 3, maxRatio: 1100 },
      true,
    ],
    ['over the largest size', gzipSync('x'.repeat(5001)), { maxBytes: 5000, maxRatio: 200 }, false],
    ['of the largest size', gzipSync('x'.repeat(5000)), { maxBytes: 5000, maxRatio: 200 }, true],
    ['over the largest size, in zstd', zstdOf('x'.repeat(5001)), { maxBytes: 5000, maxRatio: 200 }, false],
    ['of the largest size, in zstd', zstdOf('x'.repeat(5000)), { maxBytes: 5000, maxRatio: 200 }, true],
    ['zeros in zstd', zstdOf(Buffer.alloc(11 * MEBIBYTE)), undefined, false],
    ['a bomb in gzip', gzipSync(zeros(11 * MEBIBYTE)), undefined, false],
    [
      'a bomb that is a bomb only together with its wrapping',
      gzipSync(gzipSync(Buffer.alloc(30 * MEBIBYTE), { level: 1 })),
      { maxBytes: 1024 ** 3, maxRatio: 300 },
      false,
    ],
    ['many members of 1 MiB each', Buffer.concat(Array<Buffer>(20).fill(zeros(MEBIBYTE))), undefined, false],
  ])('%s', async (_name, body, limits, passes) => {
    for (const size of [1000, body.length]) {
      const decoded = decode(cutIntoChunks(body, size), limits);
      if (passes) await expect(decoded).resolves.toBeInstanceOf(Buffer);
      else await expect(decoded).rejects.toThrow(tooLarge);
    }
  });

  test('the cap of 1 GiB holds without a ratio', async () => {
    const gibibyte = Buffer.concat(Array<Buffer>(65).fill(zeros(16 * MEBIBYTE)));
    let seen = 0;
    const reading = (async () => {
      const limits = { maxBytes: 1024 ** 3, maxRatio: 10_000 };
      for await (const chunk of decodeBody(each(cutIntoChunks(gibibyte, 50_000)), limits)) seen += chunk.length;
    })();
    await expect(reading).rejects.toThrow(tooLarge);
    expect(seen).toBeLessThanOrEqual(1024 ** 3);
  });

  test('a body that unpacks to much comes in pieces, so that the memory stays bounded', async () => {
    let longest = 0;
    const limits = { maxBytes: 1024 ** 3, maxRatio: 2000 };
    for await (const chunk of decodeBody(each([zeros(200 * MEBIBYTE)]), limits))
      longest = Math.max(longest, chunk.length);
    expect(longest).toBeLessThanOrEqual(32 * MEBIBYTE);
  });

  test('in one call', () => {
    expect(gunzipWhole(gzipSync('text')).toString()).toBe('text');
    expect(() => gunzipWhole(zeros(11 * MEBIBYTE))).toThrow(tooLarge);
    expect(() => gunzipWhole(gzipSync('text'), { maxBytes: 3, maxRatio: 200 })).toThrow(tooLarge);
    expect(() => gunzipWhole(gzipSync('text').subarray(0, 20))).toThrow('gzip: the data is cut off');
    expect(() => gunzipWhole(Buffer.concat([gzipSync('text'), Buffer.alloc(1)]))).toThrow(BrokenContainer);
  });
});

describe('the source', () => {
  const large = Buffer.concat([
    gzipSync(Buffer.from(Array.from({ length: 6 * MEBIBYTE }, (_, i) => (i * i * 7919) >> 5))),
  ]);
  const damaged = Buffer.from(large);
  damaged[large.length >> 1]! ^= 0x55;

  test.each<[string, Buffer]>([
    ['sound and plain', Buffer.alloc(300_000, 'x')],
    ['sound and small', gzipSync('text')],
    ['sound and large', large],
    ['damaged and large', damaged],
    ['followed by much', Buffer.concat([large, Buffer.alloc(3 * MEBIBYTE)])],
    ['not supported', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(300_000)])],
    ['not supported, inside', gzipSync(Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(300_000)]))],
    ['Parquet', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(300_000)])],
    ['a bomb', gzipSync(Buffer.alloc(40 * MEBIBYTE))],
    ['damaged zstd', Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.alloc(300_000, 'x')])],
  ])('is closed when the body is %s', async (_name, body) => {
    const source = closingSource(body);
    await decode(source.chunks).catch(() => undefined);
    expect(source.closed).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['plain', Buffer.alloc(300_000, 'x')],
    ['large', large],
  ])('is closed when nobody reads on: %s', async (_name, body) => {
    const source = closingSource(body);
    for await (const chunk of decodeBody(source.chunks)) if (chunk.length > 0) break;
    expect(source.closed).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['plain', Buffer.alloc(300_000, 'x')],
    ['small', gzipSync(Buffer.alloc(300_000)).subarray(0, 200)],
    ['large', large],
    ['zstd', zstdOf(large)],
  ])('that fails gives its own error: %s', async (_name, body) => {
    const failure = new Error('the network is gone');
    async function* failing(): AsyncGenerator<Uint8Array, void, void> {
      yield* cutIntoChunks(body.subarray(0, body.length - 100), 65_536);
      throw failure;
    }
    await expect(decode(failing())).rejects.toBe(failure);
  });

  test('bodies that are read at the same time do not disturb each other', async () => {
    const texts = [1, 2, 3, 4].map((n) =>
      Array.from({ length: 60_000 }, (_, i) => `{"n":${i * n},"m":${i % (n * 97)}}`).join('\n'),
    );
    const bodies = texts.flatMap((text) => [zstdOf(text), gzipSync(text)]);
    const read = await Promise.all(bodies.map((body) => decode(slowly(body))));
    expect(read.map((body, i) => body.equals(Buffer.from(texts[i >> 1]!)))).toEqual(bodies.map(() => true));
  });
});

async function decode(
  chunks: readonly Uint8Array[] | AsyncIterable<Uint8Array>,
  limits?: UnpackLimits,
): Promise<Buffer> {
  const source = Symbol.asyncIterator in chunks ? chunks : each(chunks);
  const decoded: Uint8Array[] = [];
  for await (const chunk of decodeBody(source, limits)) {
    decoded.push(chunk);
    await setImmediate();
  }
  return Buffer.concat(decoded);
}

async function* slowly(body: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  for (const chunk of cutIntoChunks(body, 20_000)) {
    await setImmediate();
    yield chunk;
  }
}

function closingSource(body: Uint8Array): { chunks: AsyncIterable<Uint8Array>; closed: boolean } {
  const source = { chunks: chunks(), closed: false };
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* slowly(body);
    } finally {
      source.closed = true;
    }
  }
  return source;
}
