import { describe, expect, test } from 'vitest';
import { BrokenContainer } from '../../src/records/broken-container.js';
import { unzstdFrames } from '../../src/records/unzstd-frames.js';
import { seededChance, type Chance } from './seeded-chance.js';
import { checkedZstdFrame, skippableZstdFrame, streamedZstdFrame, zstdFrame } from './zstd-bodies.js';

const LONG = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `{"n":${i},"m":"${(i * 7919) % 1000}"}\n`).join(''));
/** No compressor makes it shorter: it lies in stored blocks. */
const NOISE = Buffer.from(Array.from({ length: 300_000 }, noiseByte(seededChance(1))));
const ZEROS = Buffer.alloc(1_000_000);

describe('sound bodies', () => {
  const texts: readonly (readonly [string, Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['a line', Buffer.from('{"a":1}\n')],
    ['255 bytes', Buffer.alloc(255, 'ab')],
    ['256 bytes', Buffer.alloc(256, 'ab')],
    ['65,791 bytes', Buffer.alloc(65_791, 'abc')],
    ['65,792 bytes', Buffer.alloc(65_792, 'abc')],
    ['exactly one block', LONG.subarray(0, 128 * 1024)],
    ['many blocks', LONG],
    ['stored blocks', NOISE],
    ['blocks of one byte repeated', ZEROS],
  ];
  test.each(texts)('%s', async (_name, text) => {
    for (const level of [1, 3, 19]) {
      expect((await unpack(zstdFrame(text, level))).equals(text)).toBe(true);
      expect((await unpack(checkedZstdFrame(text, level))).equals(text)).toBe(true);
    }
    expect((await unpack(streamedZstdFrame([text]))).equals(text)).toBe(true);
  });

  test('several frames, some to be passed over', async () => {
    const body = Buffer.concat([
      skippableZstdFrame('any bytes'),
      checkedZstdFrame('te'),
      skippableZstdFrame('', 15),
      streamedZstdFrame(['x', '', 't']),
      zstdFrame(''),
      skippableZstdFrame('end', 3),
    ]);
    expect(String(await unpack(body))).toBe('text');
  });

  test('a stream that was flushed often', async () => {
    const pieces = Array.from({ length: 50 }, (_, i) => LONG.subarray(i * 1000, i * 1000 + 1000));
    expect((await unpack(streamedZstdFrame(pieces))).equals(LONG.subarray(0, 50_000))).toBe(true);
  });

  test('comes in blocks, not as a whole', async () => {
    let longest = 0;
    for await (const block of unzstdFrames(zstdFrame(ZEROS))) longest = Math.max(longest, block.length);
    expect(longest).toBeLessThanOrEqual(128 * 1024);
  });
});

describe('damaged bodies', () => {
  const bodies = (chance: Chance): { packed: Buffer; text: Buffer; ends: number[] } => {
    const text = Buffer.from(LONG.subarray(0, 100 + chance.below(300_000)));
    const middle = chance.below(text.length);
    const frames = [text.subarray(0, middle), text.subarray(middle)].map((part) =>
      checkedZstdFrame(part, 1 + chance.below(9)),
    );
    return { packed: Buffer.concat(frames), text, ends: [frames[0]!.length, frames[0]!.length + frames[1]!.length] };
  };
  const damages: Readonly<Record<string, (packed: Buffer, ends: number[], chance: Chance) => Buffer>> = {
    'cut anywhere': (packed, ends, chance) => {
      const cut = 4 + chance.below(packed.length - 4);
      return packed.subarray(0, ends.includes(cut) ? cut - 1 : cut);
    },
    'one bit': (packed, _ends, chance) => flip(packed, 4 + chance.below(packed.length - 4), chance),
    'one bit of a header': (packed, ends, chance) =>
      flip(packed, chance.pick([4, ends[0]!]) + chance.below(12), chance),
    'several bits': (packed, _ends, chance) => {
      let damaged = packed;
      for (let bits = 0; bits < 9; bits++) damaged = flip(damaged, 4 + chance.below(packed.length - 4), chance);
      return damaged;
    },
    'something behind it': (packed, _ends, chance) =>
      Buffer.concat([packed, Buffer.from(Array.from({ length: 1 + chance.below(20) }, noiseByte(chance)))]),
    'zeros behind it': (packed, _ends, chance) => Buffer.concat([packed, Buffer.alloc(1 + chance.below(100))]),
    'another checksum': (packed, ends, chance) => flip(packed, chance.pick(ends) - 1 - chance.below(4), chance),
  };

  test.each(Object.entries(damages))('60 with %s', async (name, damage) => {
    let refused = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const chance = seededChance(seed);
      const { packed, text, ends } = bodies(chance);
      const unpacked = await unpack(damage(packed, ends, chance)).catch((error: unknown) => error);
      if (unpacked instanceof Buffer) expect(unpacked.equals(text), `${name}, seed ${seed}`).toBe(true);
      else expect(unpacked, `${name}, seed ${seed}`).toBeInstanceOf(BrokenContainer);
      refused += Number(!(unpacked instanceof Buffer));
    }
    expect(refused).toBeGreaterThan(50);
  });

  test('a frame without a checksum is cut anywhere', async () => {
    for (const packed of [zstdFrame(LONG.subarray(0, 3000)), streamedZstdFrame([LONG.subarray(0, 3000)])]) {
      for (let cut = 4; cut < packed.length; cut++) {
        await expect(unpack(packed.subarray(0, cut)), `cut at ${cut}`).rejects.toBeInstanceOf(BrokenContainer);
      }
    }
  });

  test('a sound body is read after a damaged one, and after one that was left', async () => {
    const sound = checkedZstdFrame(LONG);
    await expect(unpack(flip(sound, 5000, seededChance(1)))).rejects.toBeInstanceOf(BrokenContainer);
    for await (const block of unzstdFrames(sound)) if (block.length > 0) break;
    expect((await unpack(sound)).equals(LONG)).toBe(true);
  });
});

async function unpack(packed: Buffer): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of unzstdFrames(packed)) blocks.push(block);
  return Buffer.concat(blocks);
}

function flip(bytes: Buffer, at: number, chance: Chance): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[Math.min(at, bytes.length - 1)]! ^= 1 << chance.below(8);
  return flipped;
}

function noiseByte(chance: Chance): () => number {
  return () => chance.below(256);
}
