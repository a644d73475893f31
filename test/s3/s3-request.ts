import type { IncomingMessage } from 'node:http';
import { S3Error } from './s3-error.js';

/** The head of a request, taken apart. */
export interface S3Request {
  readonly method: string;
  /** The name of the API operation: `GetObject`, `ListObjectsV2`. */
  readonly operation: string;
  /** Empty for ListBuckets. */
  readonly bucket: string;
  /** Empty for operations on a bucket. */
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The path as it was sent, before any decoding: signatures are over it. */
  readonly path: string;
}

/**
 * Takes the head of a request apart. The bucket is in the path, or in the host: `bucket.localhost`, `bucket.s3.<region>.amazonaws.com`.
 * @throws S3Error InvalidURI, KeyTooLongError, NotImplemented, MethodNotAllowed.
 */
export function readS3Request(message: IncomingMessage): S3Request {
  const [path = '/', ...search] = (message.url ?? '/').split('?');
  const headers = Object.fromEntries(
    Object.entries(message.headersDistinct).map(([name, values]) => [name, (values ?? []).join(',')]),
  );
  const method = message.method ?? 'GET';
  const query = readQuery(search.join('?'));
  const { bucket, key } = readAddress(headers['host'] ?? '', path);
  const level = key !== '' ? 'object' : bucket !== '' ? 'bucket' : 'service';
  return { method, operation: nameOperation(`${method} ${level}`, query, headers), bucket, key, query, headers, path };
}

/** The head of a request, or as much of it as can be told when it is refused already for that. */
export function readHead(message: IncomingMessage): { request: S3Request; refusal?: S3Error } {
  try {
    return { request: readS3Request(message) };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const { method = 'GET', url: path = '/' } = message;
    const request = { method, operation: 'unknown', bucket: '', key: '', query: {}, headers: {}, path };
    return { request, refusal: error };
  }
}

/** Percent-decoding by the byte: `+` stays in a path. @throws S3Error InvalidURI where the bytes are not UTF-8. */
function decodeUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI');
  }
}

function readQuery(search: string): Record<string, string> {
  const pairs = search.split('&').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      const parts = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      const [name = '', value = ''] = parts.map((part) => decodeUri(part.replaceAll('+', ' ')));
      return [name, value];
    }),
  );
}

const BUCKET_IN_HOST = /^(.+?)\.(localhost|s3(-accesspoint)?([.-][a-z0-9-]+)*\.amazonaws\.com)(:\d+)?$/;

function readAddress(host: string, path: string): { bucket: string; key: string } {
  const bucket = BUCKET_IN_HOST.exec(host)?.[1];
  if (bucket !== undefined) return { bucket, key: checkKey(decodeUri(path.slice(1))) };
  const slash = path.indexOf('/', 1);
  if (slash < 0) return { bucket: decodeUri(path.slice(1)), key: '' };
  return { bucket: decodeUri(path.slice(1, slash)), key: checkKey(decodeUri(path.slice(slash + 1))) };
}

function checkKey(key: string): string {
  if (Buffer.byteLength(key) > 1024) throw new S3Error('KeyTooLongError');
  return key;
}

/** Per method and level: the query or header that makes the operation, most special first; '' stands for none. */
const OPERATIONS: Readonly<Record<string, readonly (readonly [mark: string, operation: string])[]>> = {
  'GET service': [['', 'ListBuckets']],
  'GET bucket': [
    ['versions', 'ListObjectVersions'],
    ['uploads', 'ListMultipartUploads'],
    ['versioning', 'GetBucketVersioning'],
    ['location', 'GetBucketLocation'],
    ['list-type', 'ListObjectsV2'],
    ['', 'ListObjects'],
  ],
  'HEAD bucket': [['', 'HeadBucket']],
  'PUT bucket': [
    ['versioning', 'PutBucketVersioning'],
    ['', 'CreateBucket'],
  ],
  'DELETE bucket': [['', 'DeleteBucket']],
  'POST bucket': [['delete', 'DeleteObjects']],
  'GET object': [
    ['attributes', 'GetObjectAttributes'],
    ['tagging', 'GetObjectTagging'],
    ['uploadId', 'ListParts'],
    ['', 'GetObject'],
  ],
  'HEAD object': [['', 'HeadObject']],
  'PUT object': [
    ['tagging', 'PutObjectTagging'],
    ['uploadId', 'UploadPart'],
    ['x-amz-copy-source', 'CopyObject'],
    ['', 'PutObject'],
  ],
  'DELETE object': [
    ['tagging', 'DeleteObjectTagging'],
    ['uploadId', 'AbortMultipartUpload'],
    ['', 'DeleteObject'],
  ],
  'POST object': [
    ['uploads', 'CreateMultipartUpload'],
    ['uploadId', 'CompleteMultipartUpload'],
  ],
};

/** Parts of S3 that this server does not have: a request for one must not pass for a plain read or write. */
const NOT_HERE =
  'accelerate acl analytics cors encryption inventory legal-hold lifecycle logging metrics notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock replication requestPayment restore retention select tagging torrent website'.split(
    ' ',
  );

function nameOperation(
  kind: string,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): string {
  const found = OPERATIONS[kind]?.find(([mark]) => mark === '' || mark in query || mark in headers);
  if (found === undefined) throw new S3Error('MethodNotAllowed');
  const [mark, operation] = found;
  const uploadsPart = operation === 'UploadPart' && !('x-amz-copy-source' in headers);
  const strange = NOT_HERE.find((name) => name in query && name !== mark && !(uploadsPart && name === 'partNumber'));
  if (strange !== undefined) throw new S3Error('NotImplemented', `${operation} with ?${strange} is not implemented`);
  if (operation === 'UploadPart' && !uploadsPart) throw new S3Error('NotImplemented', 'UploadPartCopy');
  return operation;
}
