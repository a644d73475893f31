import { Zstd } from '@hpcc-js/wasm-zstd';
import xxhash from 'xxhash-wasm';

const zstd = await Zstd.load();
const { h64Raw } = await xxhash();

/** A frame as the library writes it: with the content's size, without its checksum. */
export function zstdFrame(text: Uint8Array | string, level = 3): Buffer {
  return Buffer.from(zstd.compress(Buffer.from(text), level));
}

/** The same frame with the content's checksum, as the `zstd` tool writes it (RFC 8878 §3.1.1). */
export function checkedZstdFrame(text: Uint8Array | string, level = 3): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(Number(h64Raw(Buffer.from(text)) & 0xffff_ffffn));
  const frame = Buffer.concat([zstdFrame(text, level), checksum]);
  frame[4]! |= 0x04;
  return frame;
}

/** A frame as a stream writes it: neither the content's size nor its checksum, a window instead. */
export function streamedZstdFrame(texts: readonly (Uint8Array | string)[]): Buffer {
  zstd.reset();
  const pieces = texts.map((text) => zstd.compressChunk(Buffer.from(text)));
  return Buffer.concat([...pieces, zstd.compressEnd()]);
}

/** A frame that readers pass over (RFC 8878 §3.1.2). */
export function skippableZstdFrame(content: Uint8Array | string, kind = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + kind);
  head.writeUInt32LE(Buffer.byteLength(content), 4);
  return Buffer.concat([head, Buffer.from(content)]);
}
