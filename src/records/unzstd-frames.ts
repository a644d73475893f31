import type { Zstd } from '@hpcc-js/wasm-zstd';
import { BrokenContainer } from './broken-container.js';
import { findZstdFrames, MAX_BLOCK_BYTES, type ZstdFrame } from './zstd-frames.js';

/** The library has one state for all, so that bodies are unpacked one after the other, whoever asks. */
let lastTurn: Promise<void> = Promise.resolve();

/**
 * Unpacks a whole zstd body, frame by frame, block by block. Sizes and checksums are compared here, because the library
 * answers a damaged block with no bytes, not with an error.
 * @returns the unpacked bytes, at most a block (128 KiB) at a time
 * @throws BrokenContainer when the body is cut, damaged, or followed by anything else
 */
export async function* unzstdFrames(packed: Buffer): AsyncGenerator<Uint8Array, void, void> {
  const frames = findZstdFrames(packed);
  const before = lastTurn;
  let leave!: () => void;
  lastTurn = new Promise((resolve) => (leave = resolve));
  await before;
  try {
    yield* unpackFrames(packed, frames);
  } finally {
    leave();
  }
}

async function* unpackFrames(packed: Buffer, frames: readonly ZstdFrame[]): AsyncGenerator<Uint8Array, void, void> {
  const zstd = await (await import('@hpcc-js/wasm-zstd')).Zstd.load();
  const { create64 } = await (await import('xxhash-wasm')).default();
  for (const frame of frames) {
    const hash = create64();
    let size = 0n;
    for (const block of unzstdBlocks(zstd, packed, frame)) {
      hash.update(block);
      size += BigInt(block.length);
      yield block;
    }
    const wrongSize = frame.contentSize !== undefined && frame.contentSize !== size;
    const wrongSum = frame.checksum !== undefined && BigInt(frame.checksum) !== (hash.digest() & 0xffff_ffffn);
    if (wrongSize || wrongSum) throw new BrokenContainer('zstd: the checksum or the length is wrong');
  }
}

function* unzstdBlocks(zstd: Zstd, packed: Buffer, frame: ZstdFrame): Generator<Uint8Array, void, void> {
  zstd.reset();
  let at = frame.start;
  for (const { end, empty } of frame.blocks) {
    const block = unzstdBlock(zstd, packed.subarray(at, end));
    if (block.length > 0) yield block;
    else if (!empty) throw new BrokenContainer('zstd: the data is damaged');
    at = end;
  }
}

/** One block at a time, because the library drops what does not fit the size that it is given. */
function unzstdBlock(zstd: Zstd, packed: Uint8Array): Uint8Array {
  try {
    return zstd.decompressChunk(packed, 2 * MAX_BLOCK_BYTES);
  } catch (error) {
    throw new BrokenContainer('zstd: the data is damaged', { cause: error });
  }
}
