import type { Bucket, Buckets } from './buckets.js';
import type { ObjectVersion } from './object-table.js';
import type { Payload } from './payload.js';
import { S3Error } from './s3-error.js';
import type { S3Request } from './s3-request.js';
import { type XmlContent, writeXml } from './xml.js';

/** What is sent back. Content-Length is that of the body unless a header says otherwise. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What an operation works with. */
export interface Call {
  readonly request: S3Request;
  readonly payload: Payload;
  readonly buckets: Buckets;
  /** The bucket of the request; the operations that have none do not look. */
  readonly bucket: Bucket;
}

export type Operation = (call: Call) => Answer;

export function xmlAnswer(root: string, content: XmlContent, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: writeXml(root, content) };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: Buffer.alloc(0) };
}

/** A refusal as it goes over the wire. */
export function errorAnswer(error: S3Error, resource: string): Answer {
  const { code, message, details, headers, status } = error;
  if (status === 304) return emptyAnswer(status, headers);
  const known = { Code: code, Message: message, ...details, Resource: resource, HostId: 'test' };
  return { ...xmlAnswer('Error', Object.entries(known), headers), status };
}

/** The headers that name a version where the bucket keeps versions. */
export function versionHeader({ versioning }: Bucket, version: ObjectVersion | undefined): Record<string, string> {
  return versioning === undefined || version === undefined ? {} : { 'x-amz-version-id': version.versionId };
}

/**
 * The object that a request names, by its version if it gives one.
 * @throws S3Error NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker.
 */
export function findObject(bucket: Bucket, key: string, versionId: string | undefined): ObjectVersion {
  if (versionId === undefined) {
    const current = bucket.objects.current(key);
    if (current !== undefined) return current;
    const marked = bucket.objects.versions(key).length > 0 ? { 'x-amz-delete-marker': 'true' } : undefined;
    throw new S3Error('NoSuchKey', undefined, { details: { Key: key }, ...(marked && { headers: marked }) });
  }
  const found = bucket.objects.versions(key).find((version) => version.versionId === versionId);
  if (found === undefined)
    throw new S3Error('NoSuchVersion', undefined, { details: { Key: key, VersionId: versionId } });
  if (found.deleteMarker)
    throw new S3Error('MethodNotAllowed', undefined, { headers: { 'x-amz-delete-marker': 'true' } });
  return found;
}
