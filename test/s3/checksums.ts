import { createHash } from 'node:crypto';
import { crc32Digest, crc32cDigest, crc64NvmeDigest } from './crc.js';
import { S3Error } from './s3-error.js';

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'SHA1' | 'SHA256' | 'CRC64NVME';
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of a composite one with `-<parts>` behind it. */
  readonly value: string;
  readonly type: ChecksumType;
}

const DIGESTS: Readonly<Record<ChecksumAlgorithm, (bytes: Buffer) => Buffer>> = {
  CRC32: crc32Digest,
  CRC32C: crc32cDigest,
  SHA1: (bytes) => createHash('sha1').update(bytes).digest(),
  SHA256: (bytes) => createHash('sha256').update(bytes).digest(),
  CRC64NVME: crc64NvmeDigest,
};

export const CHECKSUM_ALGORITHMS = Object.keys(DIGESTS) as readonly ChecksumAlgorithm[];

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The element of XML answers: `ChecksumCRC32`. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

export function computeChecksum(algorithm: ChecksumAlgorithm, bytes: Buffer): Checksum {
  return { algorithm, value: DIGESTS[algorithm](bytes).toString('base64'), type: 'FULL_OBJECT' };
}

/** The checksum over the checksums of the parts. */
export function computeComposite(algorithm: ChecksumAlgorithm, parts: readonly string[]): Checksum {
  const joined = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
  return { algorithm, value: `${computeChecksum(algorithm, joined).value}-${parts.length}`, type: 'COMPOSITE' };
}

/** @throws S3Error InvalidRequest when the name is none of an algorithm. */
export function readAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = CHECKSUM_ALGORITHMS.find((one) => one === name.toUpperCase());
  if (algorithm === undefined) throw new S3Error('InvalidRequest', `Unsupported checksum algorithm ${name}`);
  return algorithm;
}

/**
 * Compares the bytes with the checksum that came with them, in a header or a trailer, and with Content-MD5.
 * @returns The checksum that was sent; undefined when none was.
 * @throws S3Error BadDigest, InvalidDigest, InvalidRequest.
 */
export function verifyChecksums(bytes: Buffer, headers: Readonly<Record<string, string>>): Checksum | undefined {
  verifyMd5(bytes, headers['content-md5']);
  const sent = CHECKSUM_ALGORITHMS.filter((algorithm) => checksumHeader(algorithm) in headers);
  if (sent.length > 1) throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header.');
  const [algorithm] = sent;
  const promised = headers['x-amz-sdk-checksum-algorithm'];
  if (promised !== undefined && readAlgorithm(promised) !== algorithm) {
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm without the x-amz-checksum header that it names.',
    );
  }
  if (algorithm === undefined) return undefined;
  const checksum = computeChecksum(algorithm, bytes);
  const given = headers[checksumHeader(algorithm)] ?? '';
  if (Buffer.from(given, 'base64').length !== Buffer.from(checksum.value, 'base64').length) {
    throw new S3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
  if (given !== checksum.value) {
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  return checksum;
}

function verifyMd5(bytes: Buffer, given: string | undefined): void {
  if (given === undefined) return;
  if (Buffer.from(given, 'base64').length !== 16) throw new S3Error('InvalidDigest');
  if (createHash('md5').update(bytes).digest('base64') !== given) throw new S3Error('BadDigest');
}
