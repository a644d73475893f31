/** What a body is packed in, by its first bytes. */
export type BodyKind = 'gzip' | 'zstd' | 'parquet' | 'avro' | 'orc' | 'zip' | 'bzip2' | 'xz' | 'utf16' | 'plain';

/** As many bytes as `sniffBody` wants to see. */
export const SNIFF_BYTES = 6;

/** Magic bytes, from RFC 1952, RFC 8878 and the specifications of Parquet, Avro, ORC, ZIP, bzip2 and xz. */
const MAGIC: readonly (readonly [BodyKind, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['parquet', [0x50, 0x41, 0x52, 0x31]],
  ['parquet', [0x50, 0x41, 0x52, 0x45]],
  ['avro', [0x4f, 0x62, 0x6a, 0x01]],
  ['orc', [0x4f, 0x52, 0x43]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['utf16', [0xff, 0xfe]],
  ['utf16', [0xfe, 0xff]],
];

/** Tells by the first bytes of a body, never by a name, what it is packed in. Fewer bytes than a magic has are plain. */
export function sniffBody(head: Uint8Array): BodyKind {
  const found = MAGIC.find(([, magic]) => magic.every((byte, i) => head[i] === byte));
  if (found !== undefined) return found[0];
  return isSkippableZstdFrame(head) ? 'zstd' : 'plain';
}

function isSkippableZstdFrame(head: Uint8Array): boolean {
  return (head[0]! & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
}
