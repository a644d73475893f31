import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BrokenContainer } from '../../src/records/broken-container.js';
import { decodeBody } from '../../src/records/decode-body.js';
import { seededChance, type Chance } from './seeded-chance.js';
import { cutIntoChunks, splitChunks } from './split-body.js';
import { each } from './tell-all.js';

/** Up to 4 MB packed a body is unpacked in one call, above that as a stream. */
const ONE_CALL_BYTES = 4 * 1024 * 1024;

interface Packed {
  readonly bytes: Buffer;
  /** Where members end. A body that is cut there is a whole one, with less in it. */
  readonly ends: readonly number[];
}

type Damage = (packed: Packed, chance: Chance) => Buffer;

const DAMAGES: Readonly<Record<string, Damage>> = {
  'cut anywhere': ({ bytes, ends }, chance) => {
    const cuts = (): number => 1 + chance.below(bytes.length - 1);
    let cut = cuts();
    while (ends.includes(cut)) cut = cuts();
    return bytes.subarray(0, cut);
  },
  'cut near its end': ({ bytes }, chance) => bytes.subarray(0, bytes.length - 1 - chance.below(12)),
  'one bit': ({ bytes }, chance) => flip(bytes, chance.below(bytes.length), chance),
  'one bit near a border': ({ bytes, ends }, chance) =>
    flip(bytes, (chance.pick([0, ...ends]) + bytes.length + chance.below(24) - 12) % bytes.length, chance),
  'several bits': ({ bytes }, chance) => {
    let damaged = bytes;
    for (let bits = 2 + chance.below(20); bits > 0; bits--) damaged = flip(damaged, chance.below(bytes.length), chance);
    return damaged;
  },
  'something behind it': ({ bytes }, chance) => Buffer.concat([bytes, garbage(1 + chance.below(40), chance)]),
  'zeros behind it': ({ bytes }, chance) => Buffer.concat([bytes, Buffer.alloc(1 + chance.below(1000))]),
  'half a member behind it': ({ bytes, ends }, chance) =>
    Buffer.concat([bytes, bytes.subarray(0, 2 + chance.below(ends[0]! - 2))]),
  'something between members': ({ bytes, ends }, chance) => {
    const at = ends.length > 1 ? ends[0]! : bytes.length;
    return Buffer.concat([bytes.subarray(0, at), garbage(1 + chance.below(20), chance), bytes.subarray(at)]);
  },
  'another checksum': ({ bytes, ends }, chance) => overwrite(bytes, chance.pick(ends) - 8, chance),
  'another length': ({ bytes, ends }, chance) => overwrite(bytes, chance.pick(ends) - 4, chance),
  'a piece missing': ({ bytes, ends }, chance) => {
    const at = chance.below(bytes.length);
    const rest = bytes.subarray(Math.min(bytes.length, at + 1 + chance.below(200)));
    // A whole member less is no damage.
    return ends.includes(at) || rest.length === 0
      ? bytes.subarray(0, bytes.length - 1)
      : Buffer.concat([bytes.subarray(0, at), rest]);
  },
  'a piece twice': ({ bytes }, chance) => {
    const at = chance.below(bytes.length);
    const piece = bytes.subarray(at, at + 1 + chance.below(200));
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
};

describe('1,000 damaged gzip bodies', () => {
  const names = Object.keys(DAMAGES);
  const seeds = Array.from({ length: 1000 }, (_, i) => i + 1);

  test.each(names)('%s', async (name) => {
    let refused = 0;
    const own = seeds.filter((seed) => names[seed % names.length] === name);
    for (const seed of own) {
      const text = textOf(1 + (seed % 7) * 3000, seededChance(seed));
      refused += Number(await isRefused(name, seed, text));
    }
    // What is left of them differs in a byte of a header that says nothing about the data.
    expect(refused / own.length).toBeGreaterThan(0.5);
  });
});

describe('damaged gzip bodies that are unpacked as a stream', () => {
  const text = textOf(ONE_CALL_BYTES + 700_000, seededChance(8));

  test.each(Object.keys(DAMAGES))('%s', async (name) => {
    for (const seed of [5001, 5002]) await isRefused(name, seed, text);
  });

  test.each([1, 1_000_000, 9_000_000])('%i zeros behind it', async (zeros) => {
    const { bytes } = pack(text, 1);
    const chunks = cutIntoChunks(Buffer.concat([bytes, Buffer.alloc(zeros)]), 65_536);
    await expect(unpack(chunks)).rejects.toThrow('gzip: bytes after the last member');
  });
});

describe('sound gzip bodies are taken', () => {
  const large = textOf(ONE_CALL_BYTES + 700_000, seededChance(7));

  test.each<[string, Buffer, string]>([
    ['one member', gzipSync('text'), 'text'],
    ['nothing', gzipSync(''), ''],
    ['two members', Buffer.concat([gzipSync('te'), gzipSync('xt')]), 'text'],
    ['members without anything', Buffer.concat([gzipSync(''), gzipSync('text'), gzipSync('')]), 'text'],
    ['fifty members', Buffer.concat([...'abcde'.repeat(10)].map((letter) => gzipSync(letter))), 'abcde'.repeat(10)],
    ['stored blocks', gzipSync('text', { level: 0 }), 'text'],
    ['a name, a comment, extra bytes and a header checksum', withHeader('text'), 'text'],
    ['gzip in gzip', gzipSync(gzipSync('text')), 'text'],
    ['two members in two members', Buffer.concat([gzipSync(gzipSync('te')), gzipSync(gzipSync('xt'))]), 'text'],
  ])('%s', async (_name, packed, text) => {
    for (const size of [1, 3, 1_000_000]) {
      expect(String(await unpack(cutIntoChunks(packed, size)))).toBe(text);
    }
  });

  test.each([1, 2, 5])('%i large members, as a stream', async (members) => {
    const { bytes } = pack(large, members);
    expect(bytes.length).toBeGreaterThan(ONE_CALL_BYTES);
    for (const size of [10_000, 1 << 20, bytes.length]) {
      expect((await unpack(cutIntoChunks(bytes, size))).equals(large)).toBe(true);
    }
  });

  test('a stream of which the text is packed itself', async () => {
    expect((await unpack(cutIntoChunks(gzipSync(gzipSync(large), { level: 1 }), 1 << 18))).equals(large)).toBe(true);
  });
});

/** True where the damaged body was refused; a body that is taken must have the bytes of the sound one. */
async function isRefused(name: string, seed: number, text: Buffer): Promise<boolean> {
  const chance = seededChance(seed);
  const packed = pack(text, 1 + chance.below(3));
  const damaged = DAMAGES[name]!(packed, chance);
  const told = `${name}, seed ${seed}`;
  expect(damaged.equals(packed.bytes) && !/bit|checksum|length/.test(name), told).toBe(false);
  const chunks = cutIntoChunks(damaged, chance.pick([1000, 65_536, 1 << 20]));
  try {
    const unpacked = await unpack(chunks);
    if (unpacked.equals(text)) return false;
    // Without its magic bytes it is no gzip any more: the record reader finds no record in it.
    expect(damaged[0] === 0x1f && damaged[1] === 0x8b, `${told}: other bytes were accepted`).toBe(false);
    const found = splitChunks([unpacked]);
    expect([found.values, found.bad.length > 0 || found.broken !== undefined], told).toEqual([[], true]);
    return true;
  } catch (error) {
    if (!(error instanceof BrokenContainer)) throw new Error(told, { cause: error });
    return true;
  }
}

async function unpack(chunks: readonly Uint8Array[]): Promise<Buffer> {
  const unpacked: Uint8Array[] = [];
  for await (const chunk of decodeBody(each(chunks))) unpacked.push(chunk);
  return Buffer.concat(unpacked);
}

/** NDJSON of about so many bytes once it is packed: half of it is noise. */
function textOf(packedBytes: number, chance: Chance): Buffer {
  const lines: string[] = [];
  for (let bytes = 0; bytes < packedBytes; bytes += 50) {
    const noise = Array.from({ length: 12 }, () => chance.below(2 ** 32).toString(36)).join('');
    lines.push(`{"eventTime":"2023-07-10T12:00:00Z","eventName":"GetObject","requestID":"${noise}"}\n`);
  }
  return Buffer.from(lines.join(''));
}

function pack(text: Buffer, members: number): Packed {
  const ends: number[] = [];
  const packed: Buffer[] = [];
  const step = Math.ceil(text.length / members);
  for (let at = 0; at < text.length; at += step) {
    packed.push(gzipSync(text.subarray(at, at + step), { level: 1 }));
    ends.push((ends.at(-1) ?? 0) + packed.at(-1)!.length);
  }
  return { bytes: Buffer.concat(packed), ends };
}

function flip(bytes: Buffer, at: number, chance: Chance): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[at]! ^= 1 << chance.below(8);
  return flipped;
}

/** Other bytes for the four from `at` on. */
function overwrite(bytes: Buffer, at: number, chance: Chance): Buffer {
  const overwritten = Buffer.from(bytes);
  overwritten.writeUInt32LE((bytes.readUInt32LE(at) + 1 + chance.below(2 ** 31)) % 2 ** 32, at);
  return overwritten;
}

function garbage(length: number, chance: Chance): Buffer {
  return Buffer.from(Array.from({ length }, () => chance.below(256)));
}

/** A member with everything that a header may have (RFC 1952 §2.3). */
function withHeader(text: string): Buffer {
  const flags = 0x02 | 0x04 | 0x08 | 0x10;
  const fixed = Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3]);
  const header = Buffer.concat([fixed, Buffer.from([3, 0, 65, 66, 67]), Buffer.from('name\0comment\0')]);
  const headerSum = Buffer.alloc(2);
  headerSum.writeUInt16LE(crc32(header) & 0xffff);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(Buffer.from(text)));
  trailer.writeUInt32LE(text.length, 4);
  return Buffer.concat([header, headerSum, deflateRawSync(text), trailer]);
}
