import { crc32 } from 'node:zlib';

/** CRC-32 (ISO-HDLC) of the bytes, big-endian as S3 writes it. */
export function crc32Digest(bytes: Buffer): Buffer {
  return uint32(crc32(bytes));
}

/** CRC-32C (Castagnoli), bit-reflected polynomial 0x82F63B78. */
export function crc32cDigest(bytes: Buffer): Buffer {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC32C[(crc ^ byte) & 0xff] ?? 0);
  return uint32(~crc >>> 0);
}

/** CRC-64/NVME, bit-reflected polynomial 0x9A6C9329AC4BC9B5, in two halves: BigInt is too slow for a part of 5 MB. */
export function crc64NvmeDigest(bytes: Buffer): Buffer {
  let [high, low] = [0xffffffff, 0xffffffff];
  for (const byte of bytes) {
    const at = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (CRC64.low[at] ?? 0);
    high = (high >>> 8) ^ (CRC64.high[at] ?? 0);
  }
  return Buffer.concat([uint32(~high >>> 0), uint32(~low >>> 0)]);
}

const CRC32C = Uint32Array.from({ length: 256 }, (_, byte) => Number(tableEntry(BigInt(byte), 0x82f63b78n)));

const ENTRIES64 = Array.from({ length: 256 }, (_, byte) => tableEntry(BigInt(byte), 0x9a6c9329ac4bc9b5n));
const CRC64 = {
  high: Uint32Array.from(ENTRIES64, (entry) => Number(entry >> 32n)),
  low: Uint32Array.from(ENTRIES64, (entry) => Number(entry & 0xffffffffn)),
};

function tableEntry(byte: bigint, polynomial: bigint): bigint {
  let entry = byte;
  for (let bit = 0; bit < 8; bit++) entry = (entry & 1n) === 1n ? (entry >> 1n) ^ polynomial : entry >> 1n;
  return entry;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
