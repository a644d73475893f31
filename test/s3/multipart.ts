import { createHash } from 'node:crypto';
import { type Answer, type Call, emptyAnswer, versionHeader, xmlAnswer } from './answer.js';
import type { Bucket } from './buckets.js';
import {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumElement,
  checksumHeader,
  computeChecksum,
  computeComposite,
  readAlgorithm,
} from './checksums.js';
import { checkWriteConditions } from './conditions.js';
import { isoSeconds } from './listing.js';
import type { ObjectVersion } from './object-table.js';
import { S3Error } from './s3-error.js';
import { readProperties } from './write-object.js';
import { type XmlNode, readXml, textOf } from './xml.js';

export interface Part {
  readonly number: number;
  readonly body: Buffer;
  readonly etag: string;
  readonly checksum: Checksum;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiated: Date;
  /** Undefined when the client named none: then the object gets CRC64NVME, and parts may bring what they like. */
  readonly algorithm: ChecksumAlgorithm | undefined;
  readonly type: ChecksumType;
  readonly properties: Pick<ObjectVersion, 'headers' | 'tags' | 'storageClass'>;
  readonly parts: Map<number, Part>;
}

const SMALLEST_PART = 5 << 20;

export function createMultipartUpload({ request, buckets, bucket }: Call): Answer {
  const { headers, key } = request;
  const named = headers['x-amz-checksum-algorithm'];
  const algorithm = named === undefined ? undefined : readAlgorithm(named);
  const usual = algorithm === undefined || algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const type = (headers['x-amz-checksum-type'] ?? usual) as ChecksumType;
  const isPossible = type === 'COMPOSITE' ? algorithm !== 'CRC64NVME' : algorithm?.startsWith('SHA') !== true;
  if (!isPossible) throw new S3Error('InvalidRequest', `The ${type} checksum type cannot be used with ${named}.`);
  const id = buckets.nextId();
  const properties = readProperties(headers);
  bucket.uploads.set(id, { id, key, initiated: buckets.now(), algorithm, type, properties, parts: new Map() });
  return xmlAnswer('InitiateMultipartUploadResult', [
    ['Bucket', bucket.name],
    ['Key', key],
    ['UploadId', id],
  ]);
}

export function uploadPart({ request, payload, bucket }: Call): Answer {
  const upload = findUpload(bucket, request.key, request.query['uploadId']);
  const number = Number(request.query['partNumber']);
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw new S3Error('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
  }
  const { bytes } = payload;
  const sent = payload.checksum?.algorithm;
  if (upload.algorithm !== undefined && sent !== undefined && sent !== upload.algorithm) {
    throw new S3Error(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected ${upload.algorithm}, actual ${sent}`,
    );
  }
  const checksum = payload.checksum ?? computeChecksum(upload.algorithm ?? 'CRC64NVME', bytes);
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  upload.parts.set(number, { number, body: bytes, etag, checksum });
  return emptyAnswer(200, { etag, [checksumHeader(checksum.algorithm)]: checksum.value });
}

/** CompleteMultipartUpload. @throws S3Error InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, PreconditionFailed. */
export function completeMultipartUpload({ request, payload, buckets, bucket }: Call): Answer {
  const { key, headers } = request;
  const upload = findUpload(bucket, key, request.query['uploadId']);
  const parts = readParts(readXml(payload.bytes, 'CompleteMultipartUpload'), upload);
  const body = Buffer.concat(parts.map((part) => part.body));
  const checksum = checksumOfAll(upload, parts, body);
  const expected = headers[checksumHeader(checksum.algorithm)];
  if (expected !== undefined && expected !== checksum.value) throw new S3Error('BadDigest');
  const size = headers['x-amz-mp-object-size'];
  if (size !== undefined && Number(size) !== body.length) throw new S3Error('InvalidRequest', 'x-amz-mp-object-size');
  checkWriteConditions(headers, bucket.objects.current(key));
  const digests = parts.map(({ etag }) => Buffer.from(etag.slice(1, -1), 'hex'));
  const etag = `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}"`;
  const version = buckets.store(bucket, { ...upload.properties, key, body, etag, checksum });
  bucket.uploads.delete(upload.id);
  const result = [
    ['Location', `/${bucket.name}/${key}`],
    ['Bucket', bucket.name],
    ['Key', key],
    ['ETag', version.etag],
    [checksumElement(checksum.algorithm), checksum.value],
    ['ChecksumType', checksum.type],
  ] as const;
  return xmlAnswer('CompleteMultipartUploadResult', result, versionHeader(bucket, version));
}

export function abortMultipartUpload({ request, bucket }: Call): Answer {
  bucket.uploads.delete(findUpload(bucket, request.key, request.query['uploadId']).id);
  return emptyAnswer(204);
}

export function listParts({ request, bucket }: Call): Answer {
  const { id, key, parts } = findUpload(bucket, request.key, request.query['uploadId']);
  const ordered = [...parts.values()].sort((left, right) => left.number - right.number);
  const listed = ordered.map(({ number, etag, body, checksum }) => {
    const described = [
      ['PartNumber', number],
      ['ETag', etag],
      ['Size', body.length],
    ] as const;
    return ['Part', [...described, [checksumElement(checksum.algorithm), checksum.value] as const]] as const;
  });
  const head = [
    ['Bucket', bucket.name],
    ['Key', key],
    ['UploadId', id],
    ['IsTruncated', false],
  ] as const;
  return xmlAnswer('ListPartsResult', [...head, ...listed]);
}

export function listMultipartUploads({ request, bucket }: Call): Answer {
  const prefix = request.query['prefix'] ?? '';
  const uploads = [...bucket.uploads.values()].filter(({ key }) => key.startsWith(prefix));
  const listed = uploads.map(({ id, key, initiated }) => {
    return [
      'Upload',
      [
        ['Key', key],
        ['UploadId', id],
        ['Initiated', isoSeconds(initiated)],
      ],
    ] as const;
  });
  return xmlAnswer('ListMultipartUploadsResult', [['Bucket', bucket.name], ['IsTruncated', false], ...listed]);
}

function findUpload({ uploads }: Bucket, key: string, id = ''): Upload {
  const upload = uploads.get(id);
  if (upload?.key !== key) throw new S3Error('NoSuchUpload', undefined, { details: { UploadId: id } });
  return upload;
}

function readParts(order: XmlNode, upload: Upload): Part[] {
  const named = order.children.filter(({ name }) => name === 'Part');
  if (named.length === 0) throw new S3Error('MalformedXML');
  const numbers = named.map((node) => Number(textOf(node, 'PartNumber')));
  if (numbers.some((number, at) => at > 0 && number <= (numbers[at - 1] ?? 0))) throw new S3Error('InvalidPartOrder');
  const parts = named.map((node) => findPart(node, upload));
  if (parts.slice(0, -1).some(({ body }) => body.length < SMALLEST_PART)) throw new S3Error('EntityTooSmall');
  return parts;
}

function findPart(node: XmlNode, { parts, algorithm, type }: Upload): Part {
  const part = parts.get(Number(textOf(node, 'PartNumber')));
  const etag = textOf(node, 'ETag')?.replaceAll('"', '');
  if (part === undefined || etag !== part.etag.slice(1, -1)) throw new S3Error('InvalidPart');
  const given = CHECKSUM_ALGORITHMS.flatMap((one) => textOf(node, checksumElement(one)) ?? []);
  if (given.some((value) => value !== part.checksum.value)) throw new S3Error('InvalidPart');
  if (algorithm !== undefined && type === 'COMPOSITE' && given.length === 0) {
    throw new S3Error('InvalidRequest', `The complete request must include the checksum of part ${part.number}.`);
  }
  return part;
}

function checksumOfAll({ algorithm = 'CRC64NVME', type }: Upload, parts: readonly Part[], body: Buffer): Checksum {
  if (type === 'FULL_OBJECT') return computeChecksum(algorithm, body);
  return computeComposite(
    algorithm,
    parts.map(({ checksum }) => checksum.value),
  );
}
