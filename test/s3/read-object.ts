import { type Answer, type Call, emptyAnswer, findObject, versionHeader, xmlAnswer } from './answer.js';
import { checksumElement, checksumHeader } from './checksums.js';
import { checkReadConditions } from './conditions.js';
import type { ObjectVersion } from './object-table.js';
import { S3Error } from './s3-error.js';
import type { XmlElement } from './xml.js';

const ARCHIVED = ['GLACIER', 'DEEP_ARCHIVE'];

/** GetObject. @throws S3Error NoSuchKey, PreconditionFailed, InvalidRange, InvalidObjectState. */
export function getObject(call: Call): Answer {
  const { request, bucket } = call;
  const version = findObject(bucket, request.key, request.query['versionId']);
  if (ARCHIVED.includes(version.storageClass)) {
    throw new S3Error('InvalidObjectState', undefined, { details: { StorageClass: version.storageClass } });
  }
  return readVersion(call, version);
}

/** HeadObject: what GetObject answers, archived or not; the body is left out where the answer is sent. */
export function headObject(call: Call): Answer {
  return readVersion(call, findObject(call.bucket, call.request.key, call.request.query['versionId']));
}

export function getObjectAttributes({ request, bucket }: Call): Answer {
  const version = findObject(bucket, request.key, request.query['versionId']);
  const asked = (request.headers['x-amz-object-attributes'] ?? '').split(',').map((name) => name.trim());
  if (asked.join('') === '') throw new S3Error('InvalidArgument', 'x-amz-object-attributes is missing');
  const { checksum } = version;
  const attributes: XmlElement[] = [
    ['ETag', version.etag.replaceAll('"', '')],
    ...(checksum === undefined
      ? []
      : [
          [
            'Checksum',
            [
              [checksumElement(checksum.algorithm), checksum.value],
              ['ChecksumType', checksum.type],
            ],
          ] as const,
        ]),
    ['StorageClass', version.storageClass],
    ['ObjectSize', version.body.length],
  ];
  const answered = attributes.filter(([name]) => asked.includes(name));
  return xmlAnswer('GetObjectAttributesResponse', answered, {
    'last-modified': version.lastModified.toUTCString(),
    ...versionHeader(bucket, version),
  });
}

function readVersion({ request, bucket }: Call, version: ObjectVersion): Answer {
  const identity = { etag: version.etag, ...versionHeader(bucket, version) };
  const isWanted = checkReadConditions(request.headers, version);
  if (!isWanted) return emptyAnswer(304, identity);
  const range = readRange(request.headers['range'], version.body.length);
  const headers = { ...describe(version), ...identity };
  if (range === undefined) {
    return { status: 200, headers: { ...headers, ...checksumHeaders(version, request.headers) }, body: version.body };
  }
  const { start, end } = range;
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${version.body.length}` },
    body: version.body.subarray(start, end + 1),
  };
}

function describe(version: ObjectVersion): Record<string, string> {
  return {
    'content-type': 'binary/octet-stream',
    ...version.headers,
    'last-modified': version.lastModified.toUTCString(),
    'accept-ranges': 'bytes',
    'x-amz-server-side-encryption': 'AES256',
    ...(version.storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': version.storageClass }),
    ...(version.tags.length === 0 ? {} : { 'x-amz-tagging-count': String(version.tags.length) }),
  };
}

function checksumHeaders({ checksum }: ObjectVersion, asked: Readonly<Record<string, string>>): Record<string, string> {
  if (checksum === undefined || asked['x-amz-checksum-mode']?.toUpperCase() !== 'ENABLED') return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

/** Both ends inclusive; undefined where the whole is asked for, as it is by more than one range. */
function readRange(text: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text ?? '');
  if (match === null || match[0] === 'bytes=-') return undefined;
  const [, from = '', to = ''] = match;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (start >= size) throw new S3Error('InvalidRange', undefined, { headers: { 'content-range': `bytes */${size}` } });
  return { start, end };
}
