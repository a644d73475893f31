import { type Answer, type Call, emptyAnswer, findObject, versionHeader, xmlAnswer } from './answer.js';
import { type Checksum, checksumHeader, computeChecksum } from './checksums.js';
import { checkMatch, checkReadConditions, checkWriteConditions } from './conditions.js';
import { isoSeconds } from './listing.js';
import type { ObjectVersion } from './object-table.js';
import { S3Error } from './s3-error.js';
import { type XmlElement, readXml, textOf } from './xml.js';

const KEPT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** PutObject. @throws S3Error PreconditionFailed, NoSuchKey. */
export function putObject({ request, payload, buckets, bucket }: Call): Answer {
  checkWriteConditions(request.headers, bucket.objects.current(request.key));
  const checksum = payload.checksum ?? computeChecksum('CRC64NVME', payload.bytes);
  const version = buckets.store(bucket, {
    ...readProperties(request.headers),
    key: request.key,
    body: payload.bytes,
    checksum,
  });
  return emptyAnswer(200, {
    etag: version.etag,
    ...versionHeader(bucket, version),
    ...describeChecksum(checksum),
  });
}

/** CopyObject; the source may be in another bucket and of a version. @throws S3Error PreconditionFailed, NoSuchKey. */
export function copyObject({ request, buckets, bucket }: Call): Answer {
  const { headers } = request;
  const source = readCopySource(headers['x-amz-copy-source'] ?? '');
  const original = findObject(buckets.get(source.bucket), source.key, source.versionId);
  const isWanted = checkReadConditions(headers, original, 'x-amz-copy-source-');
  if (!isWanted) throw new S3Error('PreconditionFailed');
  checkWriteConditions(headers, bucket.objects.current(request.key));
  const given = readProperties(headers);
  const version = buckets.store(bucket, {
    key: request.key,
    body: original.body,
    checksum:
      original.checksum?.type === 'FULL_OBJECT' ? original.checksum : computeChecksum('CRC64NVME', original.body),
    headers: headers['x-amz-metadata-directive'] === 'REPLACE' ? given.headers : original.headers,
    tags: headers['x-amz-tagging-directive'] === 'REPLACE' ? given.tags : original.tags,
    storageClass: given.storageClass,
  });
  const result: XmlElement[] = [
    ['LastModified', isoSeconds(version.lastModified)],
    ['ETag', version.etag],
  ];
  return xmlAnswer('CopyObjectResult', result, versionHeader(bucket, version));
}

/** DeleteObject, of a version where one is named. @throws S3Error PreconditionFailed, NoSuchKey. */
export function deleteObject({ request, buckets, bucket }: Call): Answer {
  const match = request.headers['if-match'];
  if (match !== undefined) checkMatch(match, bucket.objects.current(request.key));
  const versionId = request.query['versionId'];
  if (versionId === undefined) {
    const marker = buckets.erase(bucket, request.key);
    return emptyAnswer(204, { ...versionHeader(bucket, marker), ...(marker && { 'x-amz-delete-marker': 'true' }) });
  }
  const isMarker = bucket.objects.versions(request.key).find((one) => one.versionId === versionId)?.deleteMarker;
  bucket.objects.remove(request.key, versionId);
  return emptyAnswer(204, { 'x-amz-version-id': versionId, ...(isMarker && { 'x-amz-delete-marker': 'true' }) });
}

/** DeleteObjects: up to 1,000 keys, each with a condition of its own. Errors are in the answer, which is 200. */
export function deleteObjects({ request, payload, buckets, bucket }: Call): Answer {
  if (payload.checksum === undefined && request.headers['content-md5'] === undefined) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
  const order = readXml(payload.bytes, 'Delete');
  const named = order.children.filter(({ name }) => name === 'Object');
  if (named.length === 0 || named.length > 1000) throw new S3Error('MalformedXML');
  const results = named.map((node): XmlElement => {
    const [key = '', versionId, etag] = ['Key', 'VersionId', 'ETag'].map((name) => textOf(node, name));
    try {
      if (etag !== undefined) checkMatch(etag, bucket.objects.current(key));
      if (versionId === undefined) buckets.erase(bucket, key);
      else bucket.objects.remove(key, versionId);
      return ['Deleted', [['Key', key], ...(versionId === undefined ? [] : [['VersionId', versionId] as const])]];
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      return [
        'Error',
        [
          ['Key', key],
          ['Code', error.code],
          ['Message', error.message],
        ],
      ];
    }
  });
  const isQuiet = textOf(order, 'Quiet') === 'true';
  return xmlAnswer('DeleteResult', isQuiet ? results.filter(([name]) => name === 'Error') : results);
}

/** What a client says of an object that it writes. */
export function readProperties(
  headers: Readonly<Record<string, string>>,
): Pick<ObjectVersion, 'headers' | 'tags' | 'storageClass'> {
  const encoding = (headers['content-encoding'] ?? '').split(',').map((one) => one.trim());
  const realEncoding = encoding.filter((one) => one !== 'aws-chunked' && one !== '').join(',');
  const kept = Object.entries({ ...headers, 'content-encoding': realEncoding }).filter(
    ([name, value]) => value !== '' && (KEPT_HEADERS.includes(name) || name.startsWith('x-amz-meta-')),
  );
  return {
    headers: Object.fromEntries(kept),
    tags: [...new URLSearchParams(headers['x-amz-tagging'] ?? '')],
    storageClass: headers['x-amz-storage-class'] ?? 'STANDARD',
  };
}

export function describeChecksum({ algorithm, value, type }: Checksum): Record<string, string> {
  return { [checksumHeader(algorithm)]: value, 'x-amz-checksum-type': type };
}

/** `/bucket/key?versionId=…`, percent-encoded. */
function readCopySource(text: string): { bucket: string; key: string; versionId: string | undefined } {
  const [, bucket, key, versionId] = /^\/?([^/?]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(text) ?? [];
  if (bucket === undefined || key === undefined)
    throw new S3Error('InvalidArgument', 'Copy Source must mention the source bucket and key');
  return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key), versionId };
}
