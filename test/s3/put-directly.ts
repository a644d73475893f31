import { createHash } from 'node:crypto';
import type { Bucket, Buckets } from './buckets.js';
import { type Checksum, type ChecksumAlgorithm, computeChecksum, computeComposite } from './checksums.js';
import type { ObjectVersion } from './object-table.js';

export interface PutOptions {
  /** The checksum that the object has; CRC64NVME unless given, as S3 computes it. */
  readonly checksum?: ChecksumAlgorithm | 'none';
  /** As if uploaded in parts of so many bytes: the ETag has `-<parts>`, and a CRC32, CRC32C or SHA checksum is composite. */
  readonly partSize?: number;
  readonly lastModified?: Date;
  /** `GLACIER` cannot be read. */
  readonly storageClass?: string;
  /** `content-type`, `content-encoding`, `x-amz-meta-…`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Stores an object without a request. */
export function putDirectly(
  { buckets, bucket }: { buckets: Buckets; bucket: Bucket },
  { key, body }: { key: string; body: Buffer },
  { checksum = 'CRC64NVME', partSize, ...properties }: PutOptions = {},
): ObjectVersion {
  const parts = partSize === undefined ? undefined : cut(body, partSize);
  return buckets.store(bucket, {
    ...properties,
    key,
    body,
    ...(parts && { etag: etagOfParts(parts) }),
    checksum: checksum === 'none' ? undefined : checksumOf(checksum, body, parts),
  });
}

function cut(body: Buffer, size: number): Buffer[] {
  const count = Math.max(1, Math.ceil(body.length / size));
  return Array.from({ length: count }, (_, at) => body.subarray(at * size, (at + 1) * size));
}

function etagOfParts(parts: readonly Buffer[]): string {
  const digests = parts.map((part) => createHash('md5').update(part).digest());
  return `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}"`;
}

function checksumOf(algorithm: ChecksumAlgorithm, body: Buffer, parts: readonly Buffer[] | undefined): Checksum {
  if (parts === undefined || algorithm === 'CRC64NVME') return computeChecksum(algorithm, body);
  return computeComposite(
    algorithm,
    parts.map((part) => computeChecksum(algorithm, part).value),
  );
}
