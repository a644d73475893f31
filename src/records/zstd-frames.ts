import { BrokenContainer } from './broken-container.js';

/** Frames that need a larger window than this are refused, as the `zstd` tool does without `--long`. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

/** No block unpacks to more than this (RFC 8878 §3.1.1.2.4). */
export const MAX_BLOCK_BYTES = 128 * 1024;

/** One frame of a zstd body, as positions in it. */
export interface ZstdFrame {
  readonly start: number;
  readonly blocks: readonly ZstdBlock[];
  /** The bytes that the frame says it unpacks to, where it says so. */
  readonly contentSize: bigint | undefined;
  /** The low 32 bits of the content's XXH64, where the frame has them. */
  readonly checksum: number | undefined;
}

export interface ZstdBlock {
  /** Where the block ends; the last one with the frame's checksum. */
  readonly end: number;
  /** Whether the block is a stored one of no bytes, which writers put at the end of a stream. */
  readonly empty: boolean;
}

/**
 * Finds the data frames of a zstd body by its block headers (RFC 8878 §3.1); skippable frames are left out.
 * @throws BrokenContainer when a frame is cut, needs too large a window or a dictionary, or anything else follows the last frame
 */
export function findZstdFrames(bytes: Buffer): ZstdFrame[] {
  const frames: ZstdFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 8) throw new BrokenContainer('zstd: bytes after the last frame');
    const magic = bytes.readUInt32LE(at);
    if (magic >>> 4 === 0x184d2a5) {
      at += 8 + bytes.readUInt32LE(at + 4);
      if (at > bytes.length) throw new BrokenContainer('zstd: the frame is cut off');
    } else if (magic === 0xfd2fb528) {
      const frame = readFrame(bytes, at);
      frames.push(frame);
      at = frame.blocks.at(-1)!.end;
    } else {
      throw new BrokenContainer('zstd: bytes after the last frame');
    }
  }
  return frames;
}

function readFrame(bytes: Buffer, start: number): ZstdFrame {
  const descriptor = bytes[start + 4]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(singleSegment) : 1 << sizeFlag;
  if ((descriptor & 3) !== 0) throw new BrokenContainer('zstd: a dictionary is needed');
  const sizeAt = start + 5 + Number(!singleSegment);
  if (!singleSegment) checkWindow(bytes[start + 5]);
  if (sizeAt + sizeBytes > bytes.length) throw new BrokenContainer('zstd: the frame is cut off');
  const contentSize = readContentSize(bytes, sizeAt, sizeBytes);
  const hasChecksum = (descriptor & 4) !== 0;
  const blocks = readBlocks(bytes, sizeAt + sizeBytes, hasChecksum);
  const checksum = hasChecksum ? bytes.readUInt32LE(blocks.at(-1)!.end - 4) : undefined;
  return { start, blocks, contentSize, checksum };
}

function readContentSize(bytes: Buffer, at: number, length: number): bigint | undefined {
  if (length === 0) return undefined;
  if (length === 8) return bytes.readBigUInt64LE(at);
  return BigInt(bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0));
}

function readBlocks(bytes: Buffer, from: number, hasChecksum: boolean): ZstdBlock[] {
  const blocks: ZstdBlock[] = [];
  let at = from;
  for (let last = false; !last;) {
    if (at + 3 > bytes.length) throw new BrokenContainer('zstd: the frame is cut off');
    const header = bytes.readUIntLE(at, 3);
    last = (header & 1) === 1;
    at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3);
    if (last && hasChecksum) at += 4;
    if (at > bytes.length) throw new BrokenContainer('zstd: the frame is cut off');
    blocks.push({ end: at, empty: header >> 3 === 0 });
  }
  return blocks;
}

function checkWindow(descriptor = 0): void {
  const base = 2 ** (10 + (descriptor >> 3));
  if (base + (base / 8) * (descriptor & 7) > MAX_WINDOW_BYTES) {
    throw new BrokenContainer('zstd: the frame needs a window over 128 MB');
  }
}
