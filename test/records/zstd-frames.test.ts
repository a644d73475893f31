import { describe, expect, test } from 'vitest';
import { BrokenContainer } from '../../src/records/broken-container.js';
import { findZstdFrames } from '../../src/records/zstd-frames.js';
import { checkedZstdFrame, skippableZstdFrame, streamedZstdFrame, zstdFrame } from './zstd-bodies.js';

describe('frames by their headers', () => {
  test.each([0, 1, 255, 256, 257, 65_791, 65_792, 300_000])('content of %i bytes', (bytes) => {
    const [frame, ...others] = findZstdFrames(zstdFrame(Buffer.alloc(bytes, 'abc')));
    expect(others).toEqual([]);
    expect(frame).toMatchObject({ start: 0, contentSize: BigInt(bytes), checksum: undefined });
  });

  test('two, with one between that is passed over', () => {
    const parts = [zstdFrame('one'), skippableZstdFrame('passed over'), checkedZstdFrame('three')];
    const frames = findZstdFrames(Buffer.concat(parts));
    const [first, second, third] = parts.map((part) => part.length) as [number, number, number];
    expect(frames.map(({ start }) => start)).toEqual([0, first + second]);
    expect(frames.map(({ blocks }) => blocks.at(-1)?.end)).toEqual([first, first + second + third]);
    expect(frames[1]!.checksum).toBe(parts[2]!.readUInt32LE(third - 4));
  });

  test('a stream does not say how much it unpacks to', () => {
    expect(findZstdFrames(streamedZstdFrame(['text']))[0]).toMatchObject({
      contentSize: undefined,
      checksum: undefined,
    });
  });

  test('only frames that are passed over', () => {
    expect(findZstdFrames(skippableZstdFrame('nothing'))).toEqual([]);
  });
});

/** A frame's header by hand: magic number, descriptor, and what follows. */
const frame = (...bytes: number[]): Buffer => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...bytes]);
const EMPTY_LAST_BLOCK = [1, 0, 0];

test.each<[string, Buffer, string]>([
  ['bytes behind the last frame', Buffer.concat([zstdFrame('a'), Buffer.alloc(9)]), 'zstd: bytes after the last frame'],
  [
    'fewer bytes than a header has',
    Buffer.concat([zstdFrame('a'), Buffer.alloc(3)]),
    'zstd: bytes after the last frame',
  ],
  ['a dictionary', frame(0x21, 7, 0, ...EMPTY_LAST_BLOCK), 'zstd: a dictionary is needed'],
  ['a window of 256 MB', frame(0x00, 18 << 3, ...EMPTY_LAST_BLOCK), 'zstd: the frame needs a window over 128 MB'],
  ['a window of 144 MB', frame(0x00, (17 << 3) + 1, ...EMPTY_LAST_BLOCK), 'zstd: the frame needs a window over 128 MB'],
  ['a cut block', frame(0x20, 0, 1, 8, 0, 0), 'zstd: the frame is cut off'],
  ['a cut block header', frame(0x20, 0, 0, 0, 0, 1, 0), 'zstd: the frame is cut off'],
  ['a cut size', frame(0xe0, 0, 0, 0, 0), 'zstd: the frame is cut off'],
  ['a cut checksum', frame(0x24, 0, ...EMPTY_LAST_BLOCK, 1, 2), 'zstd: the frame is cut off'],
  ['a cut frame to be passed over', skippableZstdFrame('text').subarray(0, 11), 'zstd: the frame is cut off'],
])('refused: %s', (_name, bytes, reason) => {
  expect(() => findZstdFrames(bytes)).toThrow(new BrokenContainer(reason));
});

test('a window of 128 MB is allowed', () => {
  expect(findZstdFrames(frame(0x00, 17 << 3, ...EMPTY_LAST_BLOCK))).toHaveLength(1);
});
