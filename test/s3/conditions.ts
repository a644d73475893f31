import type { ObjectVersion } from './object-table.js';
import { S3Error } from './s3-error.js';

type Headers = Readonly<Record<string, string>>;

/**
 * The conditions of a read, as RFC 9110 §13.2.2 orders them; with `x-amz-copy-source-` before them, those of a copy's source.
 * @returns False where the answer is 304.
 * @throws S3Error PreconditionFailed.
 */
export function checkReadConditions(headers: Headers, found: ObjectVersion, prefix = ''): boolean {
  const given = (name: string): string | undefined => headers[`${prefix}${name}`];
  // HTTP dates have whole seconds.
  const modified = Math.floor(found.lastModified.getTime() / 1000) * 1000;
  const [match, noneMatch] = [given('if-match'), given('if-none-match')];
  const [unmodified, since] = [given('if-unmodified-since'), given('if-modified-since')];
  if (match !== undefined && !matches(match, found.etag)) throw failed('If-Match');
  if (match === undefined && unmodified !== undefined && modified > Date.parse(unmodified)) {
    throw failed('If-Unmodified-Since');
  }
  if (noneMatch !== undefined) return !matches(noneMatch, found.etag);
  return since === undefined || modified > Date.parse(since);
}

/**
 * The conditions of a write: If-None-Match takes only `*`, If-Match an ETag.
 * @throws S3Error PreconditionFailed; NoSuchKey when an object that is not there should match.
 */
export function checkWriteConditions(headers: Headers, current: ObjectVersion | undefined): void {
  const [match, noneMatch] = [headers['if-match'], headers['if-none-match']];
  if (noneMatch !== undefined && noneMatch !== '*') {
    throw new S3Error('NotImplemented', 'If-None-Match of a write takes only *');
  }
  if (noneMatch !== undefined && match !== undefined) throw new S3Error('NotImplemented', 'If-Match and If-None-Match');
  if (noneMatch === '*' && current !== undefined) throw failed('If-None-Match');
  if (match !== undefined) checkMatch(match, current);
}

/** The condition of a delete: an ETag or `*`. @throws S3Error PreconditionFailed, NoSuchKey. */
export function checkMatch(match: string, current: ObjectVersion | undefined): void {
  if (current === undefined) throw new S3Error('NoSuchKey');
  if (!matches(match, current.etag)) throw failed('If-Match');
}

function matches(list: string, etag: string): boolean {
  return list.split(',').some((one) => one.trim() === '*' || bare(one) === bare(etag));
}

function bare(etag: string): string {
  return etag.trim().replace(/^"(.*)"$/, '$1');
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', undefined, { details: { Condition: condition } });
}
